import { readFileSync } from 'node:fs';

/** The first block of code under a heading of a page of docs/. */
export function documented(page: string, heading: string): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const section = text.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`));
  const block = section && /^```\w+\n(.*?)^```$/ms.exec(section)?.[1];
  if (!block) throw new Error(`docs/${page} has no code under “${heading}”`);
  return block;
}
