import { byId, make, serverUrl } from './dom.js';
import { breakSocket } from './wire-tap.js';

/**
 * The parts of the client's interface that this page uses.
 * @typedef {{ status: 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed', attempt: number, retryAt: number | null,
 *   reason: { code: string, message: string } | null, user: { id: string, username: string, roles: string[] } | null }} ClientState
 * @typedef {{ getSnapshot(): ReadonlyMap<string, unknown>, onChange(listener: () => void): () => void }} Tasks
 * @typedef {{ state: ClientState, tasks: Tasks, connect(): Promise<void>, disconnect(): void, inbox: { getSnapshot(): { unreadCount: number },
 *   onChange(listener: () => void): () => void }, onState(handler: (state: ClientState) => void): () => void,
 *   on(type: string, handler: (frame: Record<string, unknown>) => void): () => void }} Client
 */

const tokenKey = 'tidings-test-token';

/** The user of this tab: by a token it was given, else by the page's address. */
export function whoIsThis() {
  const query = new URLSearchParams(location.search);
  const token = sessionStorage.getItem(tokenKey);
  return { token, user: query.get('user') ?? '', roles: query.get('roles') ?? '' };
}

/**
 * Loads the client as any page would, by its script tag. A token goes by way of an address within this tab, so that it is in no URL.
 * @param {{ token: string | null, user: string, roles: string }} who
 * @returns {Promise<Client>}
 */
export function loadClient({ token, user, roles }) {
  const script = make('script', { src: `${serverUrl}/tidings.js` });
  if (token) script.dataset.tokenUrl = URL.createObjectURL(new Blob([token]));
  else Object.assign(script.dataset, user && { user }, roles && { roles });
  return new Promise((resolve, reject) => {
    script.addEventListener('load', () => resolve(/** @type {any} */ (window).taskNotifications.client));
    script.addEventListener('error', () =>
      reject(new Error('tidings.js cannot be loaded; in the repository, "npm start" builds it')),
    );
    document.head.append(script);
  });
}

/** Advice for a reason, beside the text of its message. */
const hints = {
  unauthenticated: 'Connect with a token, below.',
  unreachable: 'Start the server; this page connects again by itself.',
};

/** Shows how the connection is, and what can be done with it. */
export class ConnectionCard {
  /** @type {Client | null} */
  #client = null;
  /** @type {Record<string, unknown>} */
  #greeting = {};
  #cursor = '';

  /** @param {boolean} isDevelopment whether users are taken at their word here */
  constructor(isDevelopment) {
    const asUser = byId('as-user');
    asUser.hidden = !isDevelopment;
    const { user, roles } = whoIsThis();
    for (const [name, value] of Object.entries({ user, roles })) {
      const input = /** @type {HTMLInputElement | null} */ (asUser.querySelector(`[name=${name}]`));
      if (input) input.value = value;
    }
    asUser.addEventListener('submit', (event) => {
      event.preventDefault();
      connectAs(asUser);
    });
    const asToken = byId('as-token');
    asToken.addEventListener('submit', (event) => {
      event.preventDefault();
      const token = String(new FormData(/** @type {HTMLFormElement} */ (asToken)).get('token')).trim();
      sessionStorage.setItem(tokenKey, token.replace(/^Bearer\s+/i, ''));
      location.assign(location.pathname);
    });
    byId('toggle').addEventListener('click', () => this.#toggle());
    byId('break').addEventListener('click', breakSocket);
    setInterval(() => this.#client?.state.retryAt && this.#show(), 250);
  }

  /** @param {Client} client */
  follow(client) {
    this.#client = client;
    client.on('connection_established', (frame) => {
      this.#greeting = frame;
      this.#show();
    });
    client.onState(() => this.#show());
    client.inbox.onChange(() => this.#show());
    this.#show();
  }

  /**
   * Keeps the last cursor, as the client does.
   * @param {Record<string, unknown>} frame
   */
  heard({ cursor }) {
    if (typeof cursor === 'string') this.#cursor = cursor;
    this.#show();
  }

  /** @param {Error} error */
  fail(error) {
    byId('pill').dataset.status = 'closed';
    byId('pill').textContent = 'Not started';
    tellProblem({ code: 'no_client', message: error.message });
  }

  #toggle() {
    const client = this.#client;
    if (!client) return;
    if (client.state.status === 'closed') client.connect().catch(() => {});
    else client.disconnect();
  }

  #show() {
    const client = this.#client;
    if (!client) return;
    const { status, reason, user, attempt } = client.state;
    const pill = byId('pill');
    pill.dataset.status = status;
    setText(pill, labelOf(client.state));
    const isStopped = reason?.code === 'stopped';
    if (reason && !isStopped) tellProblem(reason);
    else byId('problem').hidden = true;
    byId('toggle').textContent = status === 'closed' ? 'Connect' : 'Disconnect';
    /** @type {HTMLButtonElement} */ (byId('break')).disabled = status !== 'connected';
    if (status === 'closed' && !isStopped) byId('who').setAttribute('open', '');
    const unread = user ? ` · ${client.inbox.getSnapshot().unreadCount} unread` : '';
    showFacts([
      ['User', user ? `${user.username}${user.username === user.id ? '' : ` (id ${user.id})`}${unread}` : ''],
      ['Roles', user?.roles.join(', ') ?? ''],
      ['Session', String(this.#greeting.session_id ?? '')],
      ['Cursor', this.#cursor],
      ['Attempts', attempt > 0 ? `${attempt} failed` : ''],
    ]);
  }
}

/** @param {HTMLElement} form */
function connectAs(form) {
  sessionStorage.removeItem(tokenKey);
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(/** @type {HTMLFormElement} */ (form))) {
    if (String(value).trim()) query.set(name, String(value).trim());
  }
  location.assign(`${location.pathname}?${query}`);
}

/** @param {ClientState} state */
function labelOf({ status, user, retryAt }) {
  switch (status) {
    case 'connected':
      return `Connected as ${user?.username}`;
    case 'reconnecting':
      return retryAt ? `Connecting again in ${secondsTo(retryAt)} s` : 'Connecting again';
    case 'closed':
      return 'Not connected';
    default:
      return 'Connecting';
  }
}

/** @param {number} at */
const secondsTo = (at) => Math.max(0, Math.ceil((at - Date.now()) / 1000));

/** @param {{ code: string, message: string }} reason */
function tellProblem({ code, message }) {
  byId('problem').hidden = false;
  setText(byId('problem-code'), code);
  setText(byId('problem-message'), message);
  setText(byId('problem-hint'), Object.hasOwn(hints, code) ? hints[/** @type {keyof typeof hints} */ (code)] : '');
}

/** @param {[string, string][]} facts */
function showFacts(facts) {
  const rows = facts.filter(([, value]) => value);
  const list = byId('facts');
  const text = JSON.stringify(rows);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  const isCode = new Set(['Session', 'Cursor']);
  list.replaceChildren(
    ...rows.flatMap(([name, value]) => [
      make('dt', {}, name),
      make('dd', { className: isCode.has(name) ? 'mono' : '' }, value),
    ]),
  );
}

/**
 * Changes a text only if it is another, so that what reads the page aloud does not repeat it.
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
