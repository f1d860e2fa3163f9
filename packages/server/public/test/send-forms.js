import { byId, make, serverUrl } from './dom.js';
import { runTask, runUpload } from './simulations.js';

/** @typedef {Record<string, string>} Values */
/** @typedef {(name: string, ...args: unknown[]) => Promise<unknown>} Call */
/** @typedef {{ name: string, fields: HTMLElement[], button: string, send(values: Values, call: Call): Promise<string> }} Kind */

/**
 * One of the sender's functions, run by the server: what it returns, or its reason as an error.
 * @type {Call}
 */
async function call(name, ...args) {
  const response = await fetch(`${serverUrl}/test/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, args }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer.result;
}

/**
 * @param {string} label
 * @param {string} name
 * @param {Partial<HTMLInputElement>} [properties]
 */
const field = (label, name, properties = {}) =>
  make('label', {}, label, make('input', { name, autocomplete: 'off', ...properties }));

/** @param {...HTMLElement} fields */
const pair = (...fields) => make('div', { className: 'pair' }, ...fields);

/**
 * @param {string} label
 * @param {string} name
 */
const check = (label, name) => make('label', { className: 'check' }, make('input', { type: 'checkbox', name }), label);

const colours = () =>
  make(
    'fieldset',
    { className: 'colours', ariaLabel: 'Colour' },
    ...['success', 'error', 'warning', 'info'].map((value) => {
      const choice = make('input', { type: 'radio', name: 'colour', value, checked: value === 'success' });
      return make('label', { className: value }, choice, value);
    }),
  );

const required = { required: true };
const newId = () => Math.random().toString(36).slice(2, 7);

/**
 * The kinds of things that can be sent.
 * @param {string} user who is here
 * @param {(taskId: string) => void} followTask
 * @returns {Kind[]}
 */
const kindsOf = (user, followTask) => [
  {
    name: 'Message',
    fields: [
      field('To (username)', 'to', { value: user, ...required }),
      field('Message', 'message', { value: 'Hello from the test page', ...required }),
    ],
    button: 'Send message',
    send: async ({ to, message }, call) => told(await call('wsSendMessage', to, message), to),
  },
  {
    name: 'Notification',
    fields: [
      field('To (username)', 'to', { value: user, ...required }),
      colours(),
      field('Title', 'title', { placeholder: 'by its colour' }),
      field('Message', 'message', { value: 'The journal import is done', ...required }),
    ],
    button: 'Send notification',
    send: async ({ to, message, colour, title }, call) =>
      told(await call('wsSendNotification', { username: to, message, type: colour, title: title || undefined }), to),
  },
  {
    name: 'File',
    fields: [
      field('To (username)', 'to', { value: user, ...required }),
      field('URL', 'url', { value: `${serverUrl}/test/sample.csv`, ...required }),
      pair(
        field('Name', 'name', { placeholder: 'from the URL' }),
        field('Size, bytes', 'size', { type: 'number', min: '0', value: '127' }),
      ),
      field('Message', 'message', { placeholder: 'File ready for download' }),
    ],
    button: 'Send file',
    send: async ({ to, url, name, size, message }, call) => {
      const fileSize = size ? Number(size) : undefined;
      const options = {
        username: to,
        fileUrl: url,
        fileName: name || undefined,
        message: message || undefined,
        fileSize,
      };
      return told(await call('wsSendFile', options), to);
    },
  },
  {
    name: 'Upload',
    fields: [
      field('To (user id)', 'to', { value: user, ...required }),
      field('Transaction', 'transaction', { value: `tx-${newId()}`, ...required }),
      check('Let it fail at its fourth step', 'fails'),
    ],
    button: 'Run upload',
    send: ({ to = '', transaction = '', fails }, call) => runUpload({ to, transaction, fails: fails === 'on' }, call),
  },
  {
    name: 'Task',
    fields: [
      field('Task id', 'task', { value: `import-${newId()}`, ...required }),
      field('Owner (user id)', 'owner', { value: user, placeholder: 'nobody: whoever names its id may follow it' }),
      check('Let it fail', 'fails'),
    ],
    button: 'Run task',
    send: ({ task = '', owner, fails }, call) => {
      followTask(task);
      return runTask({ task, owner: owner || undefined, fails: fails === 'on' }, call);
    },
  },
  {
    name: 'Role, all',
    fields: [
      field('Role', 'role', { placeholder: 'leave empty for everyone' }),
      colours(),
      field('Title', 'title', { value: 'Maintenance', ...required }),
      field('Message', 'message', { value: 'The ledger closes at six', ...required }),
    ],
    button: 'Send to all of them',
    send: async ({ role, title, message, colour }, call) => {
      const notification = { title, message, notification_type: colour };
      if (role) return told(await call('sendNotificationToRole', role, notification), `role ${role}`);
      return told(await call('sendNotificationToAll', notification), 'everyone');
    },
  },
];

/**
 * @param {unknown} _returned
 * @param {string | undefined} to
 */
const told = (_returned, to) => `Accepted for ${to}.`;

/**
 * The forms that send, one at a time.
 * @param {string} user
 * @param {(taskId: string) => void} followTask
 */
export function showSendForms(user, followTask) {
  byId('sending').hidden = false;
  const kinds = kindsOf(user, followTask);
  const tabs = kinds.map((kind) => {
    const form = formOf(kind);
    const tab = make('button', { type: 'button' }, kind.name);
    tab.addEventListener('click', () => {
      for (const other of tabs) other.setAttribute('aria-pressed', String(other === tab));
      byId('send-form').replaceChildren(form);
      tell('', '');
    });
    return tab;
  });
  byId('send-kinds').replaceChildren(...tabs);
  tabs[0]?.click();
}

/** @param {Kind} kind */
function formOf({ fields, button, send }) {
  const submit = make('button', { className: 'primary' }, button);
  const form = make('form', {}, ...fields, submit);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    submit.disabled = true;
    tell('', '');
    try {
      tell('success', await send(values, call));
    } catch (error) {
      tell('error', /** @type {Error} */ (error).message);
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}

/**
 * @param {string} tone
 * @param {string} text
 */
function tell(tone, text) {
  const outcome = byId('send-outcome');
  outcome.className = `outcome ${tone}`;
  outcome.textContent = text;
}
