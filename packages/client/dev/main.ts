import '../src/elements/define.ts';
import { FakeClient, type FrameDraft } from '../src/elements/testing/fake-client.ts';
import { fillInbox } from './inbox.ts';
import { fillTasks } from './tasks.ts';

const client = new FakeClient();
for (const element of document.querySelectorAll('tidings-bell, tidings-inbox, tidings-toasts, tidings-file-dialog')) {
  Object.assign(element, { client });
}

const notification = (notification_type: string, title: string, message: string, more: object = {}): FrameDraft => ({
  ...{ type: 'notification', notification_type, title, message },
  ...more,
});
const file: FrameDraft = {
  type: 'user_file',
  message: 'The journal file of your budget transfer is ready.',
  file_url: '/files/GlInterface_2026-03.zip',
  file_name: 'GlInterface_2026-03.zip',
  file_size: 184_320,
};
const news: Record<string, FrameDraft> = {
  success: notification('success', 'Budget transfer posted', '214 lines were posted to ledger Vision Operations.'),
  error: notification(
    'error',
    'Journal import failed',
    'Batch 4711 does not balance: debits exceed credits by €1,250.00.',
  ),
  warning: notification(
    'warning',
    'Period closes tonight',
    'MAR-26 closes at 18:00. Four transfers are not submitted yet.',
  ),
  info: notification(
    'info',
    'New approver assigned',
    'Dana Okafor approves transfers for cost centre 4100 from now on.',
  ),
  message: { type: 'user_message', message: 'Your export was queued behind two others.' },
  completed: {
    type: 'oracle_upload_completed',
    transaction_id: 't-9',
    message: 'GlInterface.zip was loaded in 1 min 42 s.',
    result_path: '/files/GlInterface.zip',
  },
  'right to left': notification('success', 'تم ترحيل التحويل', 'تم ترحيل 214 سطرًا إلى دفتر الأستاذ.'),
  approval: notification(
    'warning',
    'Transfer 20377 needs your approval',
    '€48,200 from 4100 Marketing to 4300 Travel.',
    {
      category: 'approvals',
      actions: [
        { id: 'approve', label: 'Approve', style: 'primary' },
        { id: 'reject', label: 'Reject', style: 'danger' },
      ],
    },
  ),
};

/** An upload that is followed in one notification, from its first step to its file. */
async function upload(fails: boolean): Promise<void> {
  const eta = new Date(Date.now() + 8_000).toISOString();
  const task = {
    ...{ task_id: `upload-${Date.now()}`, status: 'processing', message: 'Reading 214 lines', progress: 0, attempt: 1 },
    ...{ step: 'Preparing Data', step_number: 1, total_steps: 5, cancel_requested: false, can_retry: false, eta },
  };
  const { id } = client.server.publish(notification('info', 'Q1 budget upload', '', { task, category: 'imports' }));
  for (let progress = 10; progress <= (fails ? 60 : 90); progress += 10) {
    await new Promise((resolve) => setTimeout(resolve, 800));
    client.server.edit(id, { task: { ...task, progress, step_number: Math.ceil(progress / 20), message: 'Posting' } });
  }
  const result = { file_url: '/files/result.zip', file_name: 'result.zip', file_size: 48_212 };
  const end = fails
    ? { status: 'failed', error: 'Journal Import failed: batch 4711 does not balance.', can_retry: true }
    : { status: 'completed', progress: 100, message: '214 lines posted.', result };
  client.server.edit(id, { task: { ...task, ...end } });
}

const root = document.documentElement;
const actions: Record<string, () => void> = {
  ...Object.fromEntries(Object.entries(news).map(([name, draft]) => [name, () => client.receive(draft)])),
  'living upload': () => upload(false),
  'upload that fails': () => upload(true),
  file: () => client.receive(file),
  'unsafe file': () =>
    client.receive({ ...file, file_url: 'javascript:alert(document.cookie)', file_name: 'report.pdf' }),
  storm: () => {
    for (let index = 0; index < 40; index += 1) client.receive(news.info as FrameDraft);
  },
  'end snoozes': () => client.server.wake(Number.POSITIVE_INFINITY),
  'lose connection': () => client.become({ status: 'reconnecting' }),
  'get it back': () => client.become({ status: 'connected' }),
  'refuse what is asked': () => {
    client.refusing = !client.refusing;
  },
  'be slow': () => client.hold(),
  'be quick again': () => client.release(),
  'right-to-left page': () => root.setAttribute('dir', root.dir === 'rtl' ? 'ltr' : 'rtl'),
};
for (const [name, run] of Object.entries(actions)) {
  const button = document.createElement('button');
  button.textContent = name;
  button.addEventListener('click', run);
  document.querySelector('#actions')?.append(button);
}
fillTasks(client);
if (!location.search.includes('empty')) fillInbox(client, { ...news, file });
