import { dialogStyles } from './dialog.css.ts';

export { FileDialog as Part } from './dialog.ts';
export const styles = [dialogStyles];
