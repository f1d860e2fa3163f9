import { html, type TemplateResult } from 'lit';

/** The number of tones in `avatar.css.ts`. */
const tones = 6;

/** The first letters of the first and the last word of a name. */
function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word = '') => Array.from(word)[0] ?? '');
  return letters.join('').toLocaleUpperCase() || '?';
}

/** One of the tones, the same for a person everywhere. */
const toneOf = (id: string): number =>
  [...id].reduce((sum, one) => (sum * 31 + (one.codePointAt(0) ?? 0)) % 9973, 7) % tones;

/** A person's initials on a disc; their name stands beside it, or is said otherwise. */
export const avatar = (name: string, id: string): TemplateResult =>
  html`<span class="avatar tone-${toneOf(id)}" aria-hidden="true">${initialsOf(name)}</span>`;
