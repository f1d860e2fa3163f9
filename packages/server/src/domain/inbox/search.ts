/** Text as searches compare it: without regard to case, and to how characters are composed. */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
