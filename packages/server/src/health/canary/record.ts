import { canaryTopic } from '../../domain/topics.ts';
import type { PutWrite } from '../../domain/writes.ts';

/** The id of a node's record. */
export const canaryId = (node: string): string => `canary:${node}`;

/** The content of a canary's record: which node renewed it, and for which time. */
export interface Beat {
  node: string;
  beat: number;
}

/** The name of a beat in its frame, by which a reader of text finds it. */
export const markOf = ({ node, beat }: Beat): string => `"beat":"${node}.${beat}"`;

/**
 * The write that renews a node's record, which no other node writes. It is in nobody's inbox, and its time is 0, so that it leaves no mark of
 * where the sequence stood, which is otherwise stored once a minute.
 */
export const canaryWrite = (beat: Beat): PutWrite => ({
  ...{ op: 'put', id: canaryId(beat.node), kind: 'canary', topics: [canaryTopic], viewers: null },
  body: `{"type":"canary",${markOf(beat)},"id":"${canaryId(beat.node)}"}`,
  ...{ state: null, alert: 'never', expired: false, category: '', type: null, search: null, dueAt: null },
  ...{ collapse: null, owner: null, status: null, externalId: null, at: 0, key: null },
});

/** Reads which beat a change of the record is. */
export function beatOf({ body }: { body: string }): Beat {
  const { beat } = JSON.parse(body) as { beat: string };
  const at = beat.lastIndexOf('.');
  return { node: beat.slice(0, at), beat: Number(beat.slice(at + 1)) };
}
