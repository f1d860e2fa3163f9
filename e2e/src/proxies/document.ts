import { documented as documentedIn } from '../documents.ts';

/** The first block of code under a heading of docs/proxies.md. */
export const documented = (heading: string): string => documentedIn('proxies.md', heading);

/** A text in which a line is found and something put in its place. */
export function changed(text: string, found: string, replacement: string): string {
  if (!text.includes(found)) throw new Error(`docs/proxies.md has no “${found}”`);
  return text.replace(found, replacement);
}
