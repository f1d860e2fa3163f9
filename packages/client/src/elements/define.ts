import { TidingsBell } from './bell.ts';
import { TidingsFileDialog } from './file-dialog.ts';
import { TidingsHealth } from './health.ts';
import { TidingsInbox } from './inbox.ts';
import { TidingsActivity, TidingsPresence } from './room.ts';
import { TidingsTask } from './task.ts';
import { TidingsToasts } from './toasts.ts';

declare global {
  interface HTMLElementTagNameMap {
    'tidings-activity': TidingsActivity;
    'tidings-bell': TidingsBell;
    'tidings-file-dialog': TidingsFileDialog;
    'tidings-health': TidingsHealth;
    'tidings-inbox': TidingsInbox;
    'tidings-presence': TidingsPresence;
    'tidings-task': TidingsTask;
    'tidings-toasts': TidingsToasts;
  }
}

/** Registers the elements, each unless its name is taken; without a DOM it does nothing. */
function define(name: string, element: CustomElementConstructor): void {
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, element);
}

define('tidings-activity', TidingsActivity);
define('tidings-bell', TidingsBell);
define('tidings-file-dialog', TidingsFileDialog);
define('tidings-health', TidingsHealth);
define('tidings-inbox', TidingsInbox);
define('tidings-presence', TidingsPresence);
define('tidings-task', TidingsTask);
define('tidings-toasts', TidingsToasts);
