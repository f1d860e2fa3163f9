import { ask } from './api.js';
import { showComposer } from './composer.js';
import { byId } from './dom.js';
import { showOffice } from './office.js';
import { showTransfers } from './transfers.js';

const { client } = window.taskNotifications;

/** @type {Record<string, string>} */
const words = { connected: 'Live', closed: 'Not connected', reconnecting: 'Reconnecting' };

function showConnection() {
  const { status, reason } = client.state;
  const line = byId('connection');
  line.dataset.status = status;
  line.textContent = words[status] ?? 'Connecting';
  line.title = reason?.message ?? '';
}

const me = await ask('/me');
byId('name').textContent = me.name;
byId('title').textContent = me.title;
byId('initials').textContent = me.name.replace(/(\w)\w* */g, '$1');

client.onState(showConnection);
showConnection();
// Somebody else signed in, or out, in another tab.
client.on('connection_established', ({ user_id }) => user_id !== me.id && location.reload());
const tabs = new BroadcastChannel('sign-out');
tabs.onmessage = () => location.reload();
document.querySelector('form[action="/sign-out"]')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  // The other tabs are told once it is so, or they would come back signed in.
  await fetch('/sign-out', { method: 'POST', redirect: 'manual' });
  tabs.postMessage(me.id);
  location.reload();
});

const transfers = showTransfers(client, me.id);
showComposer(me.examples, (taskId) => transfers.reveal(taskId));
showOffice(client, me);
