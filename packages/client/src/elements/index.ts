export { TidingsBell } from './bell.ts';
export { TidingsFileDialog } from './file-dialog.ts';
export { inboxEnglish } from './inbox/strings.ts';
export { TidingsInbox } from './inbox.ts';
export { type ElementStrings, english } from './strings.ts';
export { taskEnglish } from './task/strings.ts';
export { TidingsTask } from './task.ts';
export { TidingsElement } from './tidings-element.ts';
export { TidingsToasts } from './toasts.ts';
