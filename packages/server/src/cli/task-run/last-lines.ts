import { stripVTControlCharacters } from 'node:util';

const linesAtMost = 20;
const charactersAtMost = 2_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A line of a program as text that can be stored: without colours and control characters. */
export const plainText = (line: string): string =>
  stripVTControlCharacters(line).replace(controls, '').trimEnd().toWellFormed();

/** The beginning of a text that is to be read at a glance. */
export const shortText = (text: string): string => text.slice(0, charactersAtMost).toWellFormed();

/** The last lines of an output that have text. */
export class LastLines {
  #lines: string[] = [];

  add(line: string): void {
    if (line.trim() === '') return;
    this.#lines.push(shortText(line));
    if (this.#lines.length > 2 * linesAtMost) this.#lines = this.#lines.slice(-linesAtMost);
  }

  get last(): string {
    return this.#lines.at(-1) ?? '';
  }

  /** At most 20 lines, and 2,000 characters. */
  toString(): string {
    const text = this.#lines.slice(-linesAtMost).join('\n');
    return text.length > charactersAtMost ? `…${text.slice(1 - charactersAtMost)}`.toWellFormed() : text;
  }
}
