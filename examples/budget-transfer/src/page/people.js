import { byId, h } from './dom.js';

/**
 * @typedef {{ id: string, name: string, title: string }} Person
 * @typedef {import('@tidings/client').TidingsClient} TidingsClient
 */

/** @param {string} name */
export const initialsOf = (name) => name.replace(/(\w)\w* */g, '$1');

/**
 * The present person, and the others one can be at the same time: each has a host name, and so a session, of their own.
 *
 * @param {Person & { colleagues: Person[] }} me
 */
export function showPeople({ name, title, colleagues, id }) {
  byId('name').textContent = name;
  byId('title').textContent = title;
  byId('initials').textContent = initialsOf(name);
  byId('colleagues').append(
    ...colleagues.map((person) =>
      h(
        'a',
        { class: 'colleague', href: `http://${person.id}.localhost:${location.port}/`, target: `as-${person.id}` },
        h('span', { class: 'avatar', 'aria-hidden': true }, initialsOf(person.name)),
        h('span', {}, h('strong', {}, person.name), h('small', {}, person.title)),
      ),
    ),
  );
  signOutEverywhere(id);
}

/** @param {string} id */
function signOutEverywhere(id) {
  const tabs = new BroadcastChannel('sign-out');
  tabs.onmessage = () => location.reload();
  document.querySelector('form[action="/sign-out"]')?.addEventListener('submit', async (event) => {
    event.preventDefault();
    // The other tabs are told once it is so, or they would come back signed in.
    await fetch('/sign-out', { method: 'POST', redirect: 'manual' });
    tabs.postMessage(id);
    location.reload();
  });
}

/** @type {Record<string, string>} */
const words = { connected: 'Live', closed: 'Not connected', reconnecting: 'Reconnecting' };

/**
 * The state of the connection, and a switch to be offline for a while: what happens meanwhile comes afterwards.
 *
 * @param {TidingsClient} client
 */
export function showConnection(client) {
  const button = byId('connection');
  const show = () => {
    const { status, reason } = client.state;
    button.dataset.status = status;
    button.textContent = reason?.code === 'stopped' ? 'Offline' : (words[status] ?? 'Connecting');
    button.title = status === 'connected' ? 'Go offline for a while' : (reason?.message ?? '');
  };
  button.addEventListener('click', () => {
    if (client.state.status === 'connected') client.disconnect();
    // The state tells how it went.
    else client.connect().catch(() => {});
  });
  client.onState(show);
  show();
}
