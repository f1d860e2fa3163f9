import type { Rolldown } from 'tsdown';

/**
 * Writes characters outside of ASCII as escapes. With one of them anywhere in a file, Node keeps the text of the whole file in two bytes a
 * character for as long as it runs.
 */
export const oneByteText: Rolldown.Plugin = {
  name: 'one-byte-text',
  generateBundle(_options, bundle) {
    for (const output of Object.values(bundle)) if (output.type === 'chunk') output.code = withEscapes(output.code);
  },
};

/** Throws for a character that is escaped already, since an escape in its place would be another text. */
function withEscapes(code: string): string {
  const escaped = /\\[\u0080-\uffff]/.exec(code);
  if (escaped) throw new Error(`${JSON.stringify(escaped[0])} cannot become an escape`);
  return code.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
