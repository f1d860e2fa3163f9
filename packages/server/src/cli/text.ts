/** Control characters and line breaks, with the space around them: they could move the cursor or colour the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const breaks = /[\s\u0000-\u001f\u007f-\u009f]+/g;

/** Text from elsewhere as part of one line. */
export const oneLine = (text: string): string => text.replace(breaks, ' ').trim();

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text from elsewhere with its tabs and line breaks, and without other control characters. */
export const withoutControls = (text: string): string => text.replace(controls, '');

/** Rows with their cells below each other; the last cell ends where it ends. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
