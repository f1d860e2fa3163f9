/**
 * A cursor, `term:rev`, says how far in which history a client has got.
 * `term` names a stretch of the one sequence's history, `rev` is a position in it.
 */
export interface Cursor {
  term: string;
  rev: number;
}

const pattern = /^([A-Za-z0-9_-]{1,64}):(\d{1,15})$/;

/** Reads `term:rev`; null for anything else. Never throws. */
export function parseCursor(text: unknown): Cursor | null {
  if (typeof text !== 'string') return null;
  const match = pattern.exec(text);
  return match ? { term: match[1] as string, rev: Number(match[2]) } : null;
}

export function formatCursor(cursor: Cursor): string {
  return `${cursor.term}:${cursor.rev}`;
}
