import { dialogStyles } from './file-dialog.css.ts';
import { FileDialog } from './file-dialog.ts';
import { toastStyles } from './toasts.css.ts';
import { Toasts } from './toasts.ts';

export const toasts = { Part: Toasts, styles: [toastStyles] };
export const files = { Part: FileDialog, styles: [dialogStyles] };
