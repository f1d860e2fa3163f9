/** True for text that every database and peer keeps unchanged: without NUL, and without halves of surrogate pairs. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Finds other text anywhere in a JSON value, with its place, as `data.lines.0`; null if there is none. */
export function unstorable(value: unknown, place = ''): { place: string; text: string } | null {
  if (typeof value === 'string') return isStorable(value) ? null : { place, text: value };
  if (typeof value !== 'object' || value === null) return null;
  // Object.entries would make an array for each member.
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name];
    if (!isStorable(name))
      return { place: place === '' ? 'the name of a member' : `the name of a member of ${place}`, text: name };
    if (typeof inner !== 'string' && (typeof inner !== 'object' || inner === null)) continue;
    const found = unstorable(inner, place === '' ? name : `${place}.${name}`);
    if (found) return found;
  }
  return null;
}
