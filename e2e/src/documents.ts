import { readFileSync } from 'node:fs';

/** The first block of code under a heading of a page of docs/. @param language of the block. Default: any */
export function documented(page: string, heading: string, language = '\\w+'): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const section = text.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`));
  const block = section && new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section)?.[1];
  if (!block) throw new Error(`docs/${page} has no code under “${heading}”`);
  return block;
}

/** The arguments of the command that a page of docs/ shows under a heading, without those that it begins with, as `pip install`. */
export function installed(page: string, heading: string, command: string): string[] {
  const line = documented(page, heading, 'sh').trim();
  if (!line.startsWith(`${command} `))
    throw new Error(`docs/${page} shows “${line}” under “${heading}”, not “${command}”`);
  return line.slice(command.length + 1).split(' ');
}
