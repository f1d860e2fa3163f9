import { progressStyles } from '../task/progress.css.ts';
import { livingStyles } from './living.css.ts';
import { overlayStyles } from './overlays.css.ts';
import { inboxStyles } from './pane.css.ts';
import { rowStyles } from './row.css.ts';
import { tabsStyles } from './tabs.css.ts';

export { alive } from './living.ts';
export { InboxPane as Part } from './pane.ts';

/** The styles that toasts need, and those of the inbox. */
export const aliveStyles = [progressStyles, livingStyles];
export const styles = [...aliveStyles, rowStyles, tabsStyles, overlayStyles, inboxStyles];
