import '../src/elements/define.ts';
import { FakeClient, type FrameDraft } from '../src/elements/testing/fake-client.ts';

const client = new FakeClient();
for (const name of ['tidings-bell', 'tidings-toasts', 'tidings-file-dialog'] as const) {
  const element = document.querySelector(name);
  if (element) element.client = client;
}

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const notification = (notification_type: string, title: string, message: string): FrameDraft => ({
  type: 'notification',
  notification_type,
  title,
  message,
});

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
};
const file: FrameDraft = {
  type: 'user_file',
  message: 'The journal file of your budget transfer is ready.',
  file_url: '/files/GlInterface_2026-03.zip',
  file_name: 'GlInterface_2026-03.zip',
  file_size: 184_320,
};

const steps = ['Preparing Data', 'Upload to UCM', 'Interface Loader', 'Journal Import', 'AutoPost'];
const at = (number: number) => ({ step: steps[number - 1] ?? null, step_number: number, total_steps: 5 });
function walk(id: string, to: number): void {
  const name = 'Q1 budget transfer · Vision Operations';
  for (let number = 1; number <= to; number += 1) client.report(id, { name, ...at(number) });
}

function placeTasks(): void {
  const list = document.querySelector('#tasks');
  for (const id of ['unknown', 'queued', 'running', 'cancelling', 'completed', 'failed', 'cancelled']) {
    const task = document.createElement('tidings-task');
    task.taskId = id;
    task.client = client;
    list?.append(task);
  }
}

function reportTasks(): void {
  client.report('queued', { name: 'Nightly reconciliation', status: 'queued', message: 'Waiting for a free worker.' });
  walk('running', 3);
  client.report('running', { progress: 46, message: 'Loading 214 lines into GL_INTERFACE' }, 135_000);
  walk('cancelling', 2);
  client.report('cancelling', { progress: 22, cancel_requested: true }, 240_000);
  walk('completed', 5);
  client.report('completed', { status: 'completed', progress: 100, result: { file_url: '/files/result.zip' } });
  client.report('completed', { message: '214 lines posted to Vision Operations.' });
  walk('failed', 4);
  client.report('failed', {
    type: 'task_error',
    status: 'failed',
    progress: 71,
    attempt: 2,
    message: 'Journal Import failed',
  });
  client.report('failed', { error: 'Batch 4711 does not balance: debits exceed credits by €1,250.00 in line 88.' });
  walk('cancelled', 2);
  client.report('cancelled', { status: 'cancelled', progress: 30, message: 'Cancelled by Dana Okafor.' });
}

function fillInbox(): void {
  const past: [number, FrameDraft][] = [
    [9_000, notification('info', 'Welcome to Acme Ledger', 'Take the two-minute tour when you have time.')],
    [1_500, notification('warning', 'Approval overdue', 'Transfer 20318 has waited for three days.')],
    [190, { ...file, id: 'file' }],
    [64, { type: 'user_message', message: 'Maintenance on Saturday from 20:00 to 22:00 UTC.' }],
    [12, news.error as FrameDraft],
    [3, { ...(news.success as FrameDraft), data: { url: '/transfers/20344' } }],
    [0, news.completed as FrameDraft],
  ];
  past.forEach(([minutes, draft], index) => {
    client.receive({ ...draft, replayed: true, id: `past-${index}`, timestamp: ago(minutes) });
  });
  void client.inbox.markRead(['past-0', 'past-1', 'past-2']);
  client.show({ hasMore: true });
}

const actions: Record<string, () => void> = {
  ...Object.fromEntries(Object.entries(news).map(([name, draft]) => [name, () => client.receive(draft)])),
  file: () => client.receive(file),
  'unsafe file': () =>
    client.receive({ ...file, file_url: 'javascript:alert(document.cookie)', file_name: 'report.pdf' }),
  storm: () => {
    for (let index = 0; index < 40; index += 1) client.receive(news.info as FrameDraft);
  },
  'lose connection': () => client.become({ status: 'reconnecting' }),
  'get it back': () => client.become({ status: 'connected' }),
  'empty inbox': () => client.show({ items: [], unreadCount: 0, hasMore: false }),
  'many unread': () => client.show({ unreadCount: 128 }),
  'right-to-left page': () =>
    document.documentElement.toggleAttribute('dir') && document.documentElement.setAttribute('dir', 'rtl'),
};
for (const [name, run] of Object.entries(actions)) {
  const button = document.createElement('button');
  button.textContent = name;
  button.addEventListener('click', run);
  document.querySelector('#actions')?.append(button);
}
placeTasks();
setTimeout(reportTasks);
fillInbox();
