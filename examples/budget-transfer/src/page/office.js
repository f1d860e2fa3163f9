import { ask, json } from './api.js';
import { byId, h } from './dom.js';

/** @typedef {{ erp: { host: string, is_simulated: boolean, behaviour: string | null } }} Me */

/** @type {[string, [string, string][]][]} */
const behaviours = [
  [
    'Works',
    [
      ['normal', 'Normal'],
      ['slow', 'Slow'],
    ],
  ],
  [
    'Goes wrong',
    [
      ['upload_fails', 'Upload to UCM fails'],
      ['load_refused', 'Interface Loader is refused'],
      ['load_fails', 'Interface Loader ends in error'],
      ['import_rejects', 'Journal Import rejects a line'],
      ['posting_fails', 'AutoPost ends in error'],
    ],
  ],
  [
    'Cannot be used',
    [
      ['rejects_logins', 'Rejects the login'],
      ['offline', 'Down for maintenance'],
    ],
  ],
];

/**
 * Beside the transfers: the simulator's switch, and a busy team.
 *
 * @param {import('@tidings/client').TidingsClient} client
 * @param {Me} me
 */
export function showOffice(client, me) {
  byId('office').append(me.erp.is_simulated ? simulator(client, me.erp) : realErp(me.erp.host), corrections());
}

/**
 * @param {import('@tidings/client').TidingsClient} client
 * @param {Me['erp']} erp
 */
function simulator(client, { host, behaviour }) {
  const note = h('p', { class: 'quiet small', role: 'status' });
  const select = h(
    'select',
    { id: 'behaviour' },
    ...behaviours.map(([label, options]) =>
      h('optgroup', { label }, ...options.map(([value, text]) => h('option', { value }, text))),
    ),
  );
  const explain = () => {
    note.textContent = `Simulates Oracle Fusion at ${host}. ${select.value === 'normal' ? '' : 'Holds for steps that begin from now on.'}`;
  };
  select.value = behaviour ?? '';
  explain();
  select.addEventListener('change', () =>
    ask('/simulator', json('PUT', { behaviour: select.value })).then(explain, (error) => {
      note.textContent = error.message;
    }),
  );
  client.on('simulator_changed', ({ data, replayed }) => {
    if (replayed) return;
    select.value = String(/** @type {any} */ (data).behaviour);
    explain();
  });
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'erp' },
    h(
      'div',
      { class: 'line' },
      h('h2', { id: 'erp' }, 'The ERP'),
      h('label', { class: 'spoken', for: 'behaviour' }, 'The ERP behaves'),
      select,
    ),
    note,
  );
}

/** @param {string} host */
function realErp(host) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, 'The ERP'),
    h('p', { class: 'quiet small' }, `Transfers go to ${host}.`),
  );
}

function corrections() {
  const note = h('p', { class: 'quiet small', role: 'status' });
  const button = h('button', { class: 'secondary' }, 'Correct 25 lines');
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await ask('/corrections', { method: 'POST' });
      note.textContent = 'Twenty-five notifications were sent. Being of one kind, they are one in your bell.';
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : String(error);
    }
    button.disabled = false;
  });
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'ledger-team' },
    h('div', { class: 'line' }, h('h2', { id: 'ledger-team' }, 'The ledger team'), button),
    note,
  );
}
