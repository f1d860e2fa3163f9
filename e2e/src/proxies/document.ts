import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../../docs/proxies.md', import.meta.url), 'utf8');

/** The first block of code under a heading of docs/proxies.md. */
export function documented(heading: string): string {
  const section = page.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`));
  const block = section && /^```\w+\n(.*?)^```$/ms.exec(section)?.[1];
  if (!block) throw new Error(`docs/proxies.md has no code under “${heading}”`);
  return block;
}

/** A text in which a line is found and something put in its place. */
export function changed(text: string, found: string, replacement: string): string {
  if (!text.includes(found)) throw new Error(`docs/proxies.md has no “${found}”`);
  return text.replace(found, replacement);
}
