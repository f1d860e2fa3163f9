import type { ElementStrings, InboxStrings, OwnStrings } from '../strings.ts';
import { taskEnglish } from '../task/strings.ts';
import { inboxEnglish } from './strings.ts';

/** All words of an inbox, as an element has them in part. */
export const allWords = (words: OwnStrings & Partial<ElementStrings>): InboxStrings => ({
  ...taskEnglish,
  ...inboxEnglish,
  ...words,
});
