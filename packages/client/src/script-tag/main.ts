import { getTidingsClient } from '../shared-client.ts';
import { optionsOf } from './attributes.ts';
import { logState, type TaskNotifications, taskNotificationsOf } from './task-notifications.ts';
import '../elements/define.ts';

declare global {
  interface Window {
    taskNotifications: TaskNotifications;
  }
}

const script = document.currentScript as HTMLScriptElement | null;
const { dataset = {}, src = '' } = script ?? {};
const client = getTidingsClient(optionsOf(dataset, src));

window.taskNotifications = taskNotificationsOf(client);
logState(client, console);

/** Waits for the page's own scripts, so that handlers which they add miss nothing. */
function start(): void {
  if (dataset.ui !== 'none') {
    document.body.append(document.createElement('tidings-toasts'), document.createElement('tidings-file-dialog'));
  }
  client.connect();
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
