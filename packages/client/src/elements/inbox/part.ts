import { progressStyles } from '../task/progress.css.ts';
import { detailsStyles } from './item-details.css.ts';
import { overlayStyles } from './overlays.css.ts';
import { inboxStyles } from './pane.css.ts';
import { rowStyles } from './row.css.ts';
import { tabsStyles } from './tabs.css.ts';

export { toastDetails } from './item-details.ts';
export { InboxPane as Part } from './pane.ts';

/** The styles that toasts need, and those of the inbox. */
export const toastDetailsStyles = [progressStyles, detailsStyles];
export const styles = [...toastDetailsStyles, rowStyles, tabsStyles, overlayStyles, inboxStyles];
