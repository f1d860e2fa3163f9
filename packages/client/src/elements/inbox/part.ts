import { progressStyles } from '../task/progress.css.ts';
import { livingStyles } from './living.css.ts';
import { inboxStyles } from './pane.css.ts';
import { rowStyles } from './row.css.ts';

export { alive } from './living.ts';
export { InboxPane as Part } from './pane.ts';

/** What a toast needs of the styles, and what the inbox does. */
export const aliveStyles = [progressStyles, livingStyles];
export const styles = [...aliveStyles, rowStyles, inboxStyles];
