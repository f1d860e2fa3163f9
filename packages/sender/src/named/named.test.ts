import type { NotifyInput } from '@tidings/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PublishOutcome, SenderPort } from '../port.ts';
import { createSenderOver } from '../sender-api.ts';
import type { NamedFunctions } from './functions.ts';
import { namedFunctions } from './table.ts';

/** A port in the same process that stores all but what is for `nobody`. */
class MemoryPort implements Pick<SenderPort, 'publish'> {
  readonly batches: NotifyInput[][] = [];
  async publish(items: readonly NotifyInput[]): Promise<PublishOutcome[]> {
    this.batches.push([...items]);
    return items.map((item, index) =>
      'username' in item.to && item.to.username === 'nobody'
        ? {
            ok: false,
            error: Object.assign(new Error('refused'), { name: 'TidingsError', code: 'forbidden' }) as never,
          }
        : { ok: true, result: { id: `n${index}`, rev: index + 1 } },
    );
  }
}

const logged: string[] = [];
let port: MemoryPort;
const sender = () => createSenderOver(port as unknown as SenderPort, { logger: { warn: (text) => logged.push(text) } });
beforeEach(() => {
  port = new MemoryPort();
  logged.length = 0;
});

type Call = (...args: unknown[]) => Promise<boolean | number>;
interface Example {
  inOrder: unknown[];
  asObject: object;
  sends: object | object[];
}

const progressData = {
  transaction_id: '7',
  step: 'Upload to UCM',
  step_number: 2,
  total_steps: 5,
  status: 'processing',
  message: 'Step 2 of 5: Upload to UCM',
};
const created_at = '2026-01-31T09:30:00Z';
const note = { id: 9, title: 'Hi', message: 'There', created_at, project: 'P1' };
const noteBody = (recipient_type: string, recipient_id: string | null) => ({
  type: 'notification',
  notification_type: 'info',
  title: 'Hi',
  message: 'There',
  external_id: '9',
  data: {
    id: '9',
    title: 'Hi',
    message: 'There',
    notification_type: 'info',
    recipient_id,
    recipient_type,
    created_at,
    is_read: false,
    project: 'P1',
  },
});

const examples: Record<keyof NamedFunctions, Example> = {
  wsSendMessage: {
    inOrder: ['amadmin', 'Hello', { order: 7 }],
    asObject: { username: 'amadmin', message: 'Hello', data: { order: 7 } },
    sends: { to: { username: 'amadmin' }, type: 'user_message', message: 'Hello', data: { order: 7 } },
  },
  wsConnect: {
    inOrder: ['amadmin', 'Hello'],
    asObject: { username: 'amadmin', message: 'Hello' },
    sends: { to: { username: 'amadmin' }, type: 'user_message', message: 'Hello' },
  },
  wsSendNotification: {
    inOrder: ['amadmin', 'Low disk', 'warning', 'Disk', { free: 3 }],
    asObject: { username: 'amadmin', message: 'Low disk', type: 'warning', title: 'Disk', data: { free: 3 } },
    sends: {
      to: { username: 'amadmin' },
      type: 'user_notification',
      notification_type: 'warning',
      title: 'Disk',
      message: 'Low disk',
      data: { free: 3 },
    },
  },
  wsSendFile: {
    inOrder: ['amadmin', '/files/a.csv', 'Budget.csv', 'Here', 2048, { period: 'JAN' }],
    asObject: {
      username: 'amadmin',
      fileUrl: '/files/a.csv',
      fileName: 'Budget.csv',
      message: 'Here',
      fileSize: 2048,
      data: { period: 'JAN' },
    },
    sends: {
      to: { username: 'amadmin' },
      type: 'user_file',
      message: 'Here',
      data: { period: 'JAN', file_url: '/files/a.csv', file_name: 'Budget.csv', file_size: 2048 },
    },
  },
  wsBroadcastMessage: {
    inOrder: ['Hello', ['a', 'b', 'a'], { x: 1 }],
    asObject: { message: 'Hello', usernames: ['a', 'b', 'a'], data: { x: 1 } },
    sends: [
      { to: { username: 'a' }, type: 'user_message', message: 'Hello', data: { x: 1 } },
      { to: { username: 'b' }, type: 'user_message', message: 'Hello', data: { x: 1 } },
    ],
  },
  sendNotification: {
    inOrder: [42, 'invoice_paid', { amount: 7, message: 'Paid', title: 'Invoice', notification_type: 'success' }],
    asObject: {
      userId: 42,
      eventType: 'invoice_paid',
      data: { amount: 7, message: 'Paid', title: 'Invoice', notification_type: 'success' },
    },
    sends: {
      to: { user: 42 },
      type: 'invoice_paid',
      notification_type: 'success',
      title: 'Invoice',
      message: 'Paid',
      data: { amount: 7, message: 'Paid', title: 'Invoice', notification_type: 'success' },
    },
  },
  sendGenericMessage: {
    inOrder: ['42', 'Hello', { a: 1 }],
    asObject: { userId: '42', message: 'Hello', data: { a: 1 } },
    sends: { to: { user: '42' }, type: 'generic_message', message: 'Hello', data: { a: 1 } },
  },
  sendUploadStarted: {
    inOrder: ['42', 7],
    asObject: { userId: '42', transactionId: 7 },
    sends: {
      to: { user: '42' },
      type: 'oracle_upload_started',
      message: 'Upload started',
      data: { transaction_id: '7', message: 'Upload started' },
      silent: true,
    },
  },
  sendProgressNotification: {
    inOrder: ['42', 'Upload to UCM', 2, 5, '7'],
    asObject: { userId: '42', stepName: 'Upload to UCM', currentStep: 2, totalSteps: 5, transactionId: '7' },
    sends: {
      to: { user: '42' },
      type: 'oracle_upload_progress',
      message: 'Step 2 of 5: Upload to UCM',
      data: progressData,
      silent: true,
    },
  },
  sendUploadCompleted: {
    inOrder: ['42', '7', '/results/7.zip'],
    asObject: { userId: '42', transactionId: '7', resultPath: '/results/7.zip' },
    sends: {
      to: { user: '42' },
      type: 'oracle_upload_completed',
      message: 'Upload completed',
      data: { transaction_id: '7', result_path: '/results/7.zip', message: 'Upload completed' },
    },
  },
  sendUploadFailed: {
    inOrder: ['42', '7', new Error('line 3 is unbalanced')],
    asObject: { userId: '42', transactionId: '7', error: 'line 3 is unbalanced' },
    sends: {
      to: { user: '42' },
      type: 'oracle_upload_failed',
      message: 'Upload failed: line 3 is unbalanced',
      data: { transaction_id: '7', error: 'line 3 is unbalanced', message: 'Upload failed: line 3 is unbalanced' },
    },
  },
  sendWorkflowNotification: {
    inOrder: ['7', 'Upload to UCM', 2, 5, 'Uploading', 'progress'],
    asObject: {
      transactionId: '7',
      step: 'Upload to UCM',
      stepNumber: 2,
      totalSteps: 5,
      message: 'Uploading',
      status: 'progress',
    },
    sends: {
      to: { user: '42' },
      type: 'oracle_upload_progress',
      message: 'Uploading',
      data: { ...progressData, status: 'progress', message: 'Uploading' },
      silent: true,
    },
  },
  sendNotificationToUser: {
    inOrder: [42, note],
    asObject: { userId: 42, ...note },
    sends: { to: { user: 42 }, ...noteBody('user', '42') },
  },
  sendNotificationToRole: {
    inOrder: ['admin', note],
    asObject: { role: 'admin', ...note },
    sends: { to: { role: 'admin' }, ...noteBody('role', 'admin') },
  },
  sendNotificationToAll: {
    inOrder: [note],
    asObject: note,
    sends: { to: { everyone: true }, ...noteBody('all', null) },
  },
  broadcastNotification: {
    inOrder: [{ ...note, recipient_type: 'role', recipient_id: 'admin' }],
    asObject: { ...note, recipient_type: 'role', recipient_id: 'admin' },
    sends: { to: { role: 'admin' }, ...noteBody('role', 'admin') },
  },
};

describe('each named function', () => {
  it.each(Object.entries(examples))(
    '%s sends the same from its arguments in order and as an object',
    async (name, { inOrder, asObject, sends }) => {
      const call = sender()[name as keyof NamedFunctions] as unknown as Call;
      const expected = Array.isArray(sends) ? sends : [sends];
      for (const args of [inOrder, [asObject]]) {
        const answer = await sender().withNotificationUser(42, () => call(...args));
        expect(answer).toBe(namedFunctions[name as keyof NamedFunctions].answer === 'count' ? expected.length : true);
        expect(port.batches.pop()).toEqual(expected);
      }
      expect(logged).toEqual([]);
    },
  );

  it.each(Object.entries(namedFunctions))('%s says what it needs, and does not throw', async (name, { required }) => {
    const { lastError, ...functions } = sender();
    const answer = await (functions[name as keyof NamedFunctions] as unknown as Call)({});
    expect(answer === false || answer === 0).toBe(true);
    expect(lastError()).toMatchObject({ code: 'bad_request' });
    expect(lastError()?.message).toContain(`${name} needs`);
    expect(lastError()?.message).toContain(`${required.join(', ')} missing`);
    expect(port.batches).toEqual([]);
  });

  it.each(Object.entries(namedFunctions).filter(([, { frame }]) => frame))(
    '%s sends the frame its row tells',
    async (name, { frame }) => {
      const call = sender()[name as keyof NamedFunctions] as unknown as Call;
      await call(...examples[name as keyof NamedFunctions].inOrder);
      expect(port.batches.flat().every((item) => item.type === frame)).toBe(true);
      expect(port.batches).toHaveLength(1);
    },
  );
});

describe('answers', () => {
  it('count what a broadcast stored, in one batch, and report why the rest was not', async () => {
    const { wsBroadcastMessage, lastError } = sender();
    expect(await wsBroadcastMessage('Hello', ['a', 'nobody', 'c'])).toBe(2);
    expect(port.batches.map((batch) => batch.length)).toEqual([3]);
    expect(lastError()).toMatchObject({ code: 'forbidden', message: 'refused' });
    expect(logged).toEqual(['tidings: wsBroadcastMessage: refused (forbidden)']);
  });

  it('give a port at most 1,000 items at once, and none where there are none', async () => {
    const { wsBroadcastMessage, notifyMany } = sender();
    const names = Array.from({ length: 2_001 }, (_, index) => `user-${index}`);
    expect(await wsBroadcastMessage('Hello', names)).toBe(2_001);
    expect(port.batches.map((batch) => batch.length)).toEqual([1_000, 1_000, 1]);
    expect(await wsBroadcastMessage('Hello', [])).toBe(0);
    expect(await notifyMany([])).toEqual([]);
    expect(port.batches).toHaveLength(3);
  });

  it('of notifyMany name each item that JSON cannot carry, and store the others', async () => {
    const { notifyMany } = sender();
    const items = [
      { to: { user: 1 } },
      { to: { user: 2 }, data: { a: Number.NaN } },
      null as never,
      { to: { user: 3 } },
    ];
    const outcomes = await notifyMany(items);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.result.rev : outcome.error.index))).toEqual([1, 1, 2, 2]);
    expect(port.batches).toEqual([[{ to: { user: 1 } }, { to: { user: 3 } }]]);
    const atomic = await notifyMany(items, { atomic: true });
    expect(atomic.map((outcome) => !outcome.ok && outcome.error.index)).toEqual([1, 1, 1, 1]);
    expect(port.batches).toHaveLength(1);
  });

  it('are false where the server refuses', async () => {
    expect(await sender().wsSendMessage('nobody', 'Hello')).toBe(false);
  });

  it.each([
    ['NaN', { amount: Number.NaN }, 'data.amount cannot be sent as JSON: it is NaN'],
    ['a bigint', { id: 1n }, 'data.id cannot be sent as JSON: it is a bigint'],
    ['a function', { at: { fn: () => {} } }, 'data.at.fn cannot be sent as JSON: it is a function'],
    ['a Map', { list: [new Map()] }, 'data.list[0] cannot be sent as JSON: it is a Map'],
    ['text instead of an object', 'order 7', 'data must be an object'],
  ])('name %s in data before anything is sent', async (_, data, text) => {
    const { wsSendMessage, lastError } = sender();
    expect(await wsSendMessage('amadmin', 'Hello', data as never)).toBe(false);
    expect(lastError()).toMatchObject({ code: 'bad_request', message: expect.stringContaining(text) });
    expect(port.batches).toEqual([]);
  });

  it('refuse a broadcast to something that is no list', async () => {
    const { wsBroadcastMessage, lastError } = sender();
    expect(await wsBroadcastMessage('Hello', 'amadmin' as never)).toBe(0);
    expect(lastError()?.message).toContain('usernames must be an array');
  });
});

describe('defaults', () => {
  it.each([
    [undefined, 'info', 'Information'],
    ['success', 'success', 'Success'],
    ['error', 'error', 'Error'],
    ['warning', 'warning', 'Warning'],
  ] as const)('wsSendNotification of type %s', async (type, colour, title) => {
    await sender().wsSendNotification('a', 'text', type);
    expect(port.batches[0]?.[0]).toMatchObject({ notification_type: colour, title });
  });

  it('sendNotificationToAll makes an id and a time', async () => {
    await sender().sendNotificationToAll({ title: 'Hi', message: 'There' });
    const [item] = port.batches[0] ?? [];
    expect(item?.external_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(item?.data).toMatchObject({ id: item?.external_id, is_read: false, notification_type: 'info' });
    expect(Date.parse(String(item?.data?.created_at))).not.toBeNaN();
  });

  it.each([
    ['import_progress', true],
    ['progress', true],
    ['oracle_upload_started', true],
    ['progress_report_ready', undefined],
    ['oracle_upload_completed', undefined],
  ])('sendNotification of %s is silent: %s', async (eventType, silent) => {
    await sender().sendNotification('42', eventType);
    expect(port.batches[0]?.[0]?.silent).toBe(silent);
  });

  it('sendNotification keeps text that no inbox has room for in data alone', async () => {
    const data = { message: 'x'.repeat(10_001), title: 'x'.repeat(501), notification_type: 'purple' };
    await sender().sendNotification('42', 'log_dump', data);
    expect(port.batches[0]).toEqual([{ to: { user: '42' }, type: 'log_dump', data }]);
  });
});

describe('wsSendFile', () => {
  it.each([
    ['https://files.example/out/Budget%20Jan.csv?sig=a/b#top', 'Budget Jan.csv'],
    ['/files/%C3%BCbersicht.pdf', 'übersicht.pdf'],
    ['report.zip', 'report.zip'],
    ['/a:b/c.txt', 'c.txt'],
    ['https://files.example/a%2Fb.txt', 'b.txt'],
    ['https://files.example/100%.txt', '100%.txt'],
    ['https://files.example/folder/', 'download'],
    ['https://files.example', 'download'],
  ])('names the file of %s', async (fileUrl, name) => {
    await sender().wsSendFile({ username: 'a', fileUrl });
    expect(port.batches[0]?.[0]).toEqual({
      to: { username: 'a' },
      type: 'user_file',
      message: 'File ready for download',
      data: { file_url: fileUrl, file_name: name, file_size: null },
    });
  });

  it('encodes the spaces of a URL and keeps them in the name', async () => {
    await sender().wsSendFile('a', ' /files/Budget Jan.csv ');
    expect(port.batches[0]?.[0]?.data).toMatchObject({
      file_url: '/files/Budget%20Jan.csv',
      file_name: 'Budget Jan.csv',
    });
  });

  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https:evil.example',
    '/\\evil.example',
    'C:\\a.csv',
    '  ',
  ])('refuses %j', async (fileUrl) => {
    const { wsSendFile, lastError } = sender();
    expect(await wsSendFile('a', fileUrl)).toBe(false);
    expect(lastError()).toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('fileUrl must be an http or https URL, or relative'),
    });
    expect(port.batches).toEqual([]);
  });
});

describe('sendWorkflowNotification', () => {
  it.each([
    ['started', 'oracle_upload_started'],
    ['progress', 'oracle_upload_progress'],
    ['in_progress', 'oracle_upload_progress'],
    ['processing', 'oracle_upload_progress'],
    ['Warte auf Freigabe', 'oracle_upload_progress'],
    ['constructor', 'oracle_upload_progress'],
    [undefined, 'oracle_upload_progress'],
    ['COMPLETED', 'oracle_upload_completed'],
    ['completed', 'oracle_upload_completed'],
    ['failed', 'oracle_upload_failed'],
    ['error', 'oracle_upload_failed'],
  ] as const)('maps %s to %s', async (status, type) => {
    const { sendWorkflowNotification } = sender();
    const sent = await sendWorkflowNotification({
      transactionId: '7',
      step: 'Journal Import',
      stepNumber: 4,
      totalSteps: 5,
      message: 'text',
      status,
      userId: 42,
    });
    expect(sent).toBe(true);
    expect(port.batches[0]?.[0]).toMatchObject({
      to: { user: 42 },
      type,
      message: 'text',
      data: {
        ...{ transaction_id: '7', step: 'Journal Import', step_number: 4, total_steps: 5 },
        status: status ?? 'processing',
      },
    });
  });

  it('carries the result path and the error', async () => {
    const { sendWorkflowNotification } = sender();
    await sendWorkflowNotification({ transactionId: 1, status: 'completed', userId: 1, resultPath: '/r.zip' });
    await sendWorkflowNotification({ transactionId: 1, status: 'failed', userId: 1, message: 'no balance' });
    expect(port.batches.flat().map((item) => item.data)).toEqual([
      { transaction_id: '1', status: 'completed', result_path: '/r.zip', message: 'Upload completed' },
      { transaction_id: '1', status: 'failed', error: 'no balance', message: 'no balance' },
    ]);
  });

  it('says so where nobody is set', async () => {
    const { sendWorkflowNotification, lastError } = sender();
    expect(await sendWorkflowNotification('7', 'Upload')).toBe(false);
    expect(lastError()?.message).toContain('call setNotificationUser(user) in this task');
    expect(port.batches).toEqual([]);
  });
});

/** A number with digits of its own, as decimal.js and database drivers have them. */
class Decimal {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString() {
    return this.#text;
  }
  toJSON() {
    return this.#text;
  }
}
const lazy = { toString: () => 'Übersetzt' };
const at = new Date('2026-01-31T09:30:00Z');
const to42 = { to: { user: 42 } };

describe('what applications really hand over', () => {
  it.each<[string, keyof NamedFunctions, unknown[], object]>([
    [
      'the most usual call there is',
      'sendWorkflowNotification',
      [
        {
          ...{ transactionId: '7', step: 'Upload to UCM', stepNumber: 1, totalSteps: 5 },
          ...{ message: 'Uploading', status: 'processing', userId: 42 },
        },
      ],
      {
        ...to42,
        type: 'oracle_upload_progress',
        message: 'Uploading',
        data: { step: 'Upload to UCM', step_number: 1, total_steps: 5, status: 'processing' },
      },
    ],
    [
      'numbers as text, and as decimals',
      'sendProgressNotification',
      [42, 'Load', '2', new Decimal('5'), 7n],
      { ...to42, data: { transaction_id: '7', step_number: 2, total_steps: 5 }, message: 'Step 2 of 5: Load' },
    ],
    [
      'a step whose number is not known',
      'sendProgressNotification',
      [42, 'Load', null, null, 7],
      { ...to42, data: { step: 'Load', step_number: 0, total_steps: 0 }, message: 'Load' },
    ],
    [
      'a workflow without a step',
      'sendWorkflowNotification',
      [{ transactionId: 0, userId: 0 }],
      {
        to: { user: 0 },
        message: 'In progress',
        data: { transaction_id: '0', status: 'processing' },
      },
    ],
    [
      'a status that is no text',
      'sendWorkflowNotification',
      [{ transactionId: 1, userId: 42, status: 202 }],
      {
        ...to42,
        data: { status: '202' },
      },
    ],
    [
      'null for what is left out',
      'wsSendNotification',
      ['ann', 'Hello', null, null, null],
      {
        notification_type: 'info',
        title: 'Information',
        message: 'Hello',
      },
    ],
    ['a level of another framework', 'wsSendNotification', ['ann', 'Hello', 'WARN'], { notification_type: 'warning' }],
    ['a colour of another framework', 'wsSendNotification', ['ann', 'Hello', 'danger'], { notification_type: 'error' }],
    [
      'a kind of its own',
      'wsSendNotification',
      ['ann', 'Hello', 'reminder'],
      {
        notification_type: 'info',
        category: 'reminder',
      },
    ],
    ['a message that is a number', 'wsSendMessage', ['ann', 42], { message: '42' }],
    ['a message that is a date', 'wsSendMessage', ['ann', at], { message: '2026-01-31T09:30:00.000Z' }],
    ['a message that is translated late', 'wsSendMessage', ['ann', lazy], { message: 'Übersetzt' }],
    ['a message that is an error', 'sendGenericMessage', [42, new Error('no luck')], { message: 'no luck' }],
    [
      'an id of a database driver',
      'wsSendMessage',
      [new Decimal('507f1f77'), 'Hello'],
      {
        to: { username: '507f1f77' },
      },
    ],
    ['an id that is a bigint', 'sendNotification', [42n, 'paid', null], { to: { user: '42' }, data: {} }],
    [
      'dates and decimals in data',
      'sendNotification',
      [42, 'paid', { at, amount: new Decimal('7.10') }],
      {
        data: { at, amount: new Decimal('7.10') },
      },
    ],
    [
      'data that is a model',
      'sendUploadStarted',
      [42, 7, null, { secret: 1, toJSON: () => ({ open: 2 }) }],
      {
        data: { open: 2, transaction_id: '7', message: 'Upload started' },
      },
    ],
    [
      'members of its own',
      'wsSendMessage',
      [{ username: 'ann', message: 'Hi', order: 7, data: { row: 1 } }],
      {
        message: 'Hi',
        data: { order: 7, row: 1 },
      },
    ],
    [
      'the size of a file as text',
      'wsSendFile',
      [{ username: 'ann', fileUrl: new URL('https://a.b/c.csv'), fileSize: '10' }],
      {
        data: { file_url: 'https://a.b/c.csv', file_name: 'c.csv', file_size: 10 },
      },
    ],
    ['a failure without a reason', 'sendUploadFailed', [42, 7], { message: 'Upload failed: no reason given' }],
    [
      'a failure given as an object',
      'sendUploadFailed',
      [42, 7, { amount: ['is required'] }],
      {
        data: { error: '{"amount":["is required"]}' },
      },
    ],
    [
      'a notification of a kind of its own',
      'sendNotificationToUser',
      [42, { title: 'Due', notification_type: 'task_assigned' }],
      {
        notification_type: 'info',
        category: 'task_assigned',
        message: '',
        data: { notification_type: 'task_assigned' },
      },
    ],
    [
      'nulls in a notification',
      'sendNotificationToUser',
      [42, { id: 0, title: 'Due', message: null, notification_type: null, is_read: null, link: null }],
      {
        external_id: '0',
        notification_type: 'info',
        data: { id: '0', message: '', is_read: false, link: null },
      },
    ],
    [
      'a recipient type in capitals',
      'broadcastNotification',
      [{ title: 'Due', recipient_type: 'USER', recipient_id: 42 }],
      to42,
    ],
  ])('%s is taken by %s', async (_, name, args, expected) => {
    const by = sender();
    const sent = await (by[name] as unknown as Call)(...args);
    expect(by.lastError()).toBeNull();
    expect(sent).toBe(true);
    expect(port.batches[0]?.[0]).toMatchObject(expected);
  });

  it('a broadcast takes any list of names, and no name that is none', async () => {
    const { wsBroadcastMessage, lastError } = sender();
    expect(await wsBroadcastMessage('Hello', new Set(['ann', 7]))).toBe(2);
    expect(await wsBroadcastMessage('Hello', ['ann', null as never])).toBe(0);
    expect(lastError()?.message).toBe('usernames[1] must be an id, text or a whole number; got null');
  });

  it.each<[keyof NamedFunctions, unknown[], string]>([
    ['wsSendMessage', ['ann', { text: 'Hello' }], 'message must be text; got a value of type object'],
    ['wsSendMessage', [{ id: 7 }, 'Hello'], 'username must be an id, text or a whole number'],
    ['sendNotification', [42, 'paid', [1]], 'data must be an object, as { order: 7 }; got [1]'],
  ])('%s says what it cannot take', async (name, args, reason) => {
    const by = sender();
    expect(await (by[name] as unknown as Call)(...args)).toBe(false);
    expect(by.lastError()?.message).toContain(reason);
  });
});

describe('broadcastNotification', () => {
  it.each([
    [{ recipient_type: 'user', recipient_id: 42 }, { user: 42 }, '42'],
    [{ recipient_type: 'role', recipient_id: 'admin' }, { role: 'admin' }, 'admin'],
    [{ recipient_type: 'all', recipient_id: null }, { everyone: true }, null],
  ] as const)('picks by %o', async (recipient, to, recipientId) => {
    await sender().broadcastNotification({ title: 'Hi', message: 'There', ...recipient });
    expect(port.batches[0]?.[0]).toMatchObject({ to, data: { ...recipient, recipient_id: recipientId } });
  });

  it.each([
    [{ recipient_type: 'group', recipient_id: 1 }, 'recipient_type must be one of user, role, all; got "group"'],
    [{ recipient_type: 'user' }, 'a notification with recipient_type "user" needs a recipient_id'],
    [{ recipient_type: 'all', created_at: new Date(Number.NaN) }, 'created_at cannot be sent as JSON'],
  ])('refuses %o', async (recipient, text) => {
    const { broadcastNotification, lastError } = sender();
    expect(await broadcastNotification({ title: 'Hi', message: 'There', ...recipient } as never)).toBe(false);
    expect(lastError()?.message).toContain(text);
  });
});

describe('the notification user', () => {
  it('is of the task that set it, however tasks interleave', async () => {
    const { setNotificationUser, getNotificationUser, sendWorkflowNotification } = sender();
    const seen: Array<[string, string | undefined]> = [];
    const job = async (user: string, steps: number) => {
      await null;
      expect(getNotificationUser()).toBeUndefined();
      expect(setNotificationUser(user)).toBe(true);
      for (let step = 1; step <= steps; step++) {
        await new Promise((resolve) => setTimeout(resolve, step % 3));
        seen.push([user, getNotificationUser()]);
        await sendWorkflowNotification({ transactionId: user, stepNumber: step });
      }
    };
    await Promise.all([job('a', 5), job('b', 7), job('c', 3)]);
    expect(seen).toHaveLength(15);
    expect(seen.filter(([own, got]) => own !== got)).toEqual([]);
    const sent = port.batches.flat().map((item) => [item.data?.transaction_id, (item.to as { user: string }).user]);
    expect(sent.filter(([own, got]) => own !== got)).toEqual([]);
    expect(getNotificationUser()).toBeUndefined();
  });

  it('ends with withNotificationUser, and can be taken away', async () => {
    const { withNotificationUser, setNotificationUser, getNotificationUser } = sender();
    const inside = await withNotificationUser(42, async () => {
      await null;
      const before = getNotificationUser();
      setNotificationUser(null);
      return [before, getNotificationUser()];
    });
    expect(inside).toEqual(['42', undefined]);
    expect(getNotificationUser()).toBeUndefined();
  });
});
