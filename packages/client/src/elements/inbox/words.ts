import type { ElementStrings, OwnStrings } from '../strings.ts';
import { taskEnglish } from '../task/strings.ts';
import { inboxEnglish } from './strings.ts';

/** All words, as an element has them in part. */
export const allWords = (words: OwnStrings & Partial<ElementStrings>): ElementStrings => ({
  ...taskEnglish,
  ...inboxEnglish,
  ...words,
});
