import { ConnectionCard, loadClient, whoIsThis } from './connection.js';
import { byId, serverUrl } from './dom.js';
import { FrameLog } from './frame-log.js';
import { showSendForms } from './send-forms.js';
import { TaskCards } from './task-cards.js';
import { tapSockets } from './wire-tap.js';

/** True if this server lets the page send: in development only. */
async function canSend() {
  try {
    const response = await fetch(`${serverUrl}/test/about`);
    return response.ok && (await response.json()).can_send === true;
  } catch {
    return false;
  }
}

const frames = new FrameLog();
const isDevelopment = await canSend();
const card = new ConnectionCard(isDevelopment);
const who = whoIsThis();

tapSockets((event) => {
  frames.add(event);
  if (event.kind === 'in') card.heard(JSON.parse(event.text));
});

try {
  const client = await loadClient(who);
  card.follow(client);
  const tasks = new TaskCards(client);
  // Made after the client, which is the one that these show.
  byId('bell').append(document.createElement('tidings-bell'));
  if (isDevelopment) showSendForms(who.user || 'demo', (id) => tasks.show(id));
} catch (error) {
  card.fail(/** @type {Error} */ (error));
}
