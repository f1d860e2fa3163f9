/** True for text that every database and peer keeps unchanged: without NUL, and without halves of surrogate pairs. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Finds other text anywhere in a JSON value, with its place, as `data.lines.0`; null if there is none. */
export function unstorable(value: unknown, place = ''): { place: string; text: string } | null {
  if (typeof value === 'string') return isStorable(value) ? null : { place, text: value };
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    if (!isStorable(name))
      return { place: place === '' ? 'the name of a member' : `the name of a member of ${place}`, text: name };
    const found = unstorable(inner, place === '' ? name : `${place}.${name}`);
    if (found) return found;
  }
  return null;
}
