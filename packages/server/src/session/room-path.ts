import { parseRoom, type Room } from '../domain/rooms.ts';

/** The kinds that have a path of their own. */
const kinds: Record<string, string> = { projects: 'project', collaboration: 'collaboration' };

/**
 * The room of a path: `/ws/projects/12` is `project:12`, `/ws/collaboration/notes` is `collaboration:notes`, and `/ws/rooms/kind/id` any. Null
 * for any other path.
 */
export function roomOfPath(path: string): Room | null {
  const [, own, kind, id] = /^\/ws\/(?:(projects|collaboration)|rooms\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
  if (id === undefined) return null;
  try {
    return parseRoom(`${kinds[own ?? ''] ?? decodeURIComponent(kind ?? '')}:${decodeURIComponent(id)}`);
  } catch {
    return null;
  }
}
