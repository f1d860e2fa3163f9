/**
 * A cursor, `term:rev:tag`, says how far in which history a user has got.
 * `term` names a stretch of the one sequence's history, `rev` is a position in it, `tag` identifies the user.
 */
export interface Cursor {
  term: string;
  rev: number;
  tag: string;
}

/** Characters of a tag, each one byte. */
export const cursorTagLength = 8;

const pattern = /^([A-Za-z0-9_-]{1,64}):(\d{1,15}):([A-Za-z0-9_-]{8})$/;

/** Reads `term:rev:tag`; null for anything else. Never throws. */
export function parseCursor(text: unknown): Cursor | null {
  if (typeof text !== 'string') return null;
  const match = pattern.exec(text);
  return match ? { term: match[1] as string, rev: Number(match[2]), tag: match[3] as string } : null;
}

/** The rev of a cursor that a server gave; -1 for none. */
export const revOfCursor = (text: string | null): number => (text ? Number(text.split(':')[1]) : -1);

export function formatCursor({ term, rev, tag }: Cursor): string {
  return `${term}:${rev}:${tag}`;
}
