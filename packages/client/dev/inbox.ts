import type { FakeClient, FrameDraft } from '../src/elements/testing/fake-client.ts';

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const ahead = (minutes: number) => ago(-minutes);
const user = { user_id: '7', username: 'Dana Okafor' };
const buttons = [
  { id: 'approve', label: 'Approve', style: 'primary' },
  { id: 'reject', label: 'Reject', style: 'danger' },
];
const task = {
  ...{ status: 'processing', message: 'Loading 214 lines into GL_INTERFACE', progress: 46, attempt: 1 },
  ...{ step: 'Interface Loader', step_number: 3, total_steps: 5, cancel_requested: false, can_retry: false },
};
const result = { file_url: '/files/result.zip', file_name: 'GlInterface_result.zip', file_size: 2_140_000 };
const noteOf = (notification_type: string, title: string, message = '', more: object = {}): FrameDraft => ({
  ...{ type: 'notification', notification_type, title, message },
  ...more,
});

/** One of everything that a list may hold, oldest first. */
export function fillInbox(client: FakeClient, news: Record<string, FrameDraft>): void {
  const { server } = client;
  for (let index = 0; index < 90; index += 1) {
    const draft = noteOf('info', `Nightly reconciliation ${index + 1}`, 'Nothing to correct.');
    server.publish({ ...draft, id: `old-${index}`, timestamp: ago(60_000 - index * 300) }, 'later');
  }
  server.act({ action: 'mark_all_read' });
  for (const [minutes, draft] of past(news)) server.publish({ ...draft, timestamp: ago(minutes) }, 'later');
  server.act({ action: 'mark_read', ids: ['read-1', 'read-2', 'rejected'] });
  server.act({ action: 'archive', ids: ['old-3', 'old-9', 'archived'] });
  server.act({ action: 'snooze', ids: ['snoozed'], until: ahead(900) });
  for (const frame of server.welcome()) client.apply(frame);
}

const past = (news: Record<string, FrameDraft>): [number, FrameDraft][] => [
  [9_000, noteOf('info', 'Welcome to Acme Ledger', 'Take the two-minute tour when you have time.', { id: 'read-1' })],
  [3_000, noteOf('success', 'Archived some days ago', 'And still to be found.', { id: 'archived' })],
  [2_900, noteOf('warning', 'Close the books of February', 'Three entities are open.', { id: 'snoozed' })],
  [2_000, noteOf('warning', 'Approval overdue', 'Transfer 20318 has waited for three days.', { id: 'read-2' })],
  [
    1_500,
    noteOf('info', 'Draft budget 2027', 'The download was kept for a day.', {
      ...{ expired: true, task: { ...task, task_id: 'd', status: 'completed', result }, category: 'imports' },
    }),
  ],
  [190, news.file as FrameDraft],
  [
    150,
    noteOf('warning', 'Transfer 20371 needs your approval', '€9,400 from 4100 Marketing to 4200 Events.', {
      ...{ id: 'rejected', category: 'approvals', actions: buttons },
      answer: {
        ...user,
        ...{ action_id: 'reject', label: 'Reject', style: 'danger' as const },
        answered_at: ago(120),
        comment: 'The events budget is frozen until May.',
      },
    }),
  ],
  [
    95,
    noteOf('warning', 'Transfer 20374 needs your approval', '€1,200 from 4100 Marketing to 4300 Travel.', {
      ...{ category: 'approvals', actions: buttons },
      answer: { ...user, action_id: 'approve', label: 'Approve', answered_at: ago(2) },
    }),
  ],
  [64, { type: 'user_message', message: 'Maintenance on Saturday from 20:00 to 22:00 UTC.' }],
  [40, news['right to left'] as FrameDraft],
  [
    31,
    noteOf('info', 'Q3 actuals import', '', {
      ...{
        category: 'imports',
        task: { ...task, task_id: 'c', status: 'cancelled', can_retry: true, message: 'Cancelled by Dana Okafor.' },
      },
    }),
  ],
  [
    22,
    noteOf('info', 'Q2 actuals import', '', {
      category: 'imports',
      task: {
        ...task,
        task_id: 'f',
        status: 'failed',
        can_retry: true,
        error: 'Batch 4711 does not balance: debits exceed credits by €1,250.00 in line 88.',
      },
    }),
  ],
  [
    14,
    noteOf('info', 'Q1 actuals import', '', {
      ...{
        category: 'imports',
        task: { ...task, task_id: 's', status: 'completed', message: '214 lines posted.', result },
      },
    }),
  ],
  [6, news.approval as FrameDraft],
  [
    3,
    noteOf('success', 'Budget transfer posted', '214 lines were posted to Vision Operations.', { data: { url: '#t' } }),
  ],
  [
    1,
    noteOf('info', 'Q1 budget upload', '', {
      ...{ category: 'imports', task: { ...task, task_id: 'r', eta: ahead(2.2) } },
    }),
  ],
];
