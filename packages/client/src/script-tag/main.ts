import { getTidingsClient } from '../shared-client.ts';
import { fallbackTransport } from '../transport/fallback.ts';
import { optionsOf } from './attributes.ts';
import { keepInBody } from './keep-in-body.ts';
import { logState, type TaskNotifications, taskNotificationsOf } from './task-notifications.ts';
import '../elements/define.ts';

declare global {
  interface Window {
    taskNotifications: TaskNotifications;
  }
}

const script = document.currentScript as HTMLScriptElement | null;
const { dataset = {}, src = '' } = script ?? {};

function begin(): void {
  const transport = fallbackTransport();
  const client = getTidingsClient({ ...optionsOf(dataset, src), transport });
  window.taskNotifications = taskNotificationsOf(client);
  logState(client, transport, console);

  /** Waits for the page's own scripts, so that handlers which they add miss nothing. */
  const start = () => {
    if (dataset.ui !== 'none')
      keepInBody(['tidings-toasts', 'tidings-file-dialog'].map((name) => document.createElement(name)));
    client.connect();
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
}

// A page that replaces its body, as Turbo does, may run the script again; it has its connection.
if (!window.taskNotifications) begin();
