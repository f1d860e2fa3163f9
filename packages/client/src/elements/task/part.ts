import { cardStyles } from './card.css.ts';
import { progressStyles } from './progress.css.ts';

export { TaskCard as Part } from './card.ts';
export const styles = [progressStyles, cardStyles];
