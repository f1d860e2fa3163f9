import type { PutWrite, Write } from '../../domain/ports.ts';
import { usernamePrefix } from '../../domain/topics.ts';
import type { WriteGroup } from '../engine.ts';

/** A part of a commit: groups of which every write is a plain new notification, or one group of others. */
export type Segment = { kind: 'run'; groups: WriteGroup[]; puts: PutWrite[] } | { kind: 'group'; group: WriteGroup };

/** Cuts a commit into parts, in order. Notifications in a run are stored together, by one statement for each table. */
export function segmentsOf(groups: readonly WriteGroup[]): Segment[] {
  const segments: Segment[] = [];
  let keys = new Set<string>();
  for (const group of groups) {
    const last = segments.at(-1);
    if (last?.kind === 'run' && isPlainRun(group.writes, keys)) {
      last.groups.push(group);
      for (const write of group.writes) last.puts.push(write);
      continue;
    }
    keys = new Set();
    if (isPlainRun(group.writes, keys)) segments.push({ kind: 'run', groups: [group], puts: [...group.writes] });
    else segments.push({ kind: 'group', group });
  }
  return segments;
}

/** Whether nothing is to be looked up for these but their keys, each of them another; adds them to `keys` if so. */
function isPlainRun(writes: readonly Write[], keys: Set<string>): writes is PutWrite[] {
  const own = new Set<string>();
  for (const write of writes) {
    if (write.op !== 'put' || !isPlain(write)) return false;
    const key = write.key?.key;
    if (key === undefined) continue;
    if (keys.has(key) || own.has(key)) return false;
    own.add(key);
  }
  for (const key of own) keys.add(key);
  return true;
}

const isPlain = (put: PutWrite): boolean =>
  put.kind === 'notification' &&
  put.expect === null &&
  put.alert !== 'keep' &&
  !put.expired &&
  put.collapse === null &&
  put.audience === null &&
  put.owner === null &&
  put.status === null &&
  put.key?.outbox === undefined &&
  put.topics.length > 0 &&
  put.topics.every((topic) => !topic.startsWith(usernamePrefix)) &&
  (put.topics.length === 1 || new Set(put.topics).size === put.topics.length);
