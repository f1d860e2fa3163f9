import { showAnnouncements } from './announcements.js';
import { ask } from './api.js';
import { showApprovals } from './approvals.js';
import { showComposer } from './composer.js';
import { showHealth } from './health.js';
import { showNotes } from './notes.js';
import { showOffice } from './office.js';
import { showConnection, showPeople } from './people.js';
import { showProjects } from './projects.js';
import { showTransfers } from './transfers.js';
import { showCount, showViews } from './views.js';

const { client } = window.taskNotifications;
const me = await ask('/me');

showPeople(me);
showConnection(client);
// Somebody else signed in, or out, in another tab.
client.on('connection_established', ({ user_id }) => user_id !== me.id && location.reload());

const showUnread = () => showCount('inbox-count', client.inbox.getSnapshot().unreadCount);
client.inbox.onChange(showUnread);
showUnread();

const transfers = showTransfers(client, me.id);
const approvals = me.may_approve ? showApprovals(client, me) : null;
const [projects, notes] = await Promise.all([showProjects(me), showNotes(me)]);
if (me.may_announce) showAnnouncements(client);
const health = me.may_see_health ? showHealth() : null;
showComposer(me.examples, (taskId) => transfers.reveal(taskId, new Date().toISOString()));
showOffice(client, me);

const views = [
  'transfers',
  ...(me.may_approve ? ['approvals'] : []),
  'projects',
  'notes',
  ...(me.may_announce ? ['announcements'] : []),
  ...(me.may_see_health ? ['health'] : []),
  'inbox',
];
showViews(views, (view, detail) => {
  if (view === 'transfers' && detail) transfers.reveal(detail);
  projects.reveal(view === 'projects' ? detail : null);
  notes.reveal(view === 'notes' ? detail : null);
  health?.reveal(view === 'health');
  if (view === 'approvals') approvals?.reveal(detail);
});
