import { stripVTControlCharacters } from 'node:util';
import { withoutControls } from '../text.ts';

const linesAtMost = 20;
const charactersAtMost = 2_000;

/** A line of a program as text that can be stored: without colours and control characters. */
export const plainText = (line: string): string =>
  withoutControls(stripVTControlCharacters(line)).trimEnd().toWellFormed();

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
