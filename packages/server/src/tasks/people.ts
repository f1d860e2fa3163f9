import type { Viewers } from '../domain/writes.ts';
import type { TaskState } from './task.ts';

type People = Pick<TaskState, 'owner' | 'followers' | 'isPlaceholder'>;

/** Owner and followers; null for a task that names neither, which anybody may follow, once it was reported on. */
function namedBy({ owner, followers, isPlaceholder }: People): string[] | null {
  const named = new Set([...(owner === null ? [] : [owner]), ...followers]);
  return named.size === 0 && !isPlaceholder ? null : [...named];
}

/** True if anybody who knows a task's id may read it. */
export const isOpen = (task: TaskState): boolean => namedBy(task) === null;

/** The people whom a change shuts out. */
function shutOut(before: People, after: People): readonly string[] | 'anyone' {
  const [named, now] = [namedBy(before), namedBy(after)];
  if (now === null) return [];
  return named === null ? 'anyone' : named.filter((user) => !now.includes(user));
}

/** The people who could see a task once and may not after this change. */
export function formerOf(before: TaskState, after: People): TaskState['former'] {
  const gone = shutOut(before, after);
  const now = namedBy(after);
  if (now === null) return [];
  if (gone === 'anyone' || before.former === 'anyone') return 'anyone';
  return [...new Set([...before.former, ...gone])].filter((user) => !now.includes(user));
}

export function viewersOf(state: TaskState, before: TaskState | null): Viewers {
  const users = namedBy(state);
  return users && { users, former: state.former, leaving: before ? shutOut(before, state) : [] };
}
