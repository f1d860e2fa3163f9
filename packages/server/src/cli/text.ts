/** What could move the cursor or paint the terminal, and what breaks lines, with the space around it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const breaks = /[\s\u0000-\u001f\u007f-\u009f]+/g;

/** Text from elsewhere as part of one line. */
export const oneLine = (text: string): string => text.replace(breaks, ' ').trim();
