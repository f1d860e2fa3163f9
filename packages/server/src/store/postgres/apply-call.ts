import { TidingsError } from '@tidings/protocol';
import type pg from 'pg';
import type { InboxState } from '../../domain/inbox/receipts.ts';
import { countsOf } from '../counts.ts';
import type { Plan } from '../plan/plan.ts';
import { arrayOf } from './arrays.ts';
import { decodeJson, encodeJson } from './characters.ts';
import { arrayParams } from './functions/arrays.ts';
import type { Expectations } from './functions/expectations.ts';

const text = `call tidings_apply($1::json, ${arrayParams.map(({ type }, i) => `$${i + 2}::${type}[]`).join()})`;

/** The call that applies a plan, where all is as it expects it; a rehearsal is undone, with no word of inboxes. */
export function applyQuery(
  { seen, head, effects, recounted, usersInFrames }: Plan,
  { expectations, isExact }: { expectations: Expectations; isExact: boolean },
  isRehearsal: boolean,
): pg.QueryConfig {
  const io = { seen, planned: head, exact: isExact, recounted, users: usersInFrames, rehearsal: isRehearsal };
  const arrays = arrayParams.map(({ of, key, column }) =>
    arrayOf('effect' in of ? effects[of.effect] : expectations[of.expectation], key, column),
  );
  return { name: 'tidings_apply', text, values: [encodeJson(io), ...arrays] };
}

/** The head that the sequence had before, and how users' inboxes stand since; not `expected` if nothing was stored. */
export type Answer = { expected: false } | { expected: true; head: number; term: string; states: StateRow[] };

interface StateRow {
  user_id: string;
  as_of: number;
  read_upto: number | null;
  counts: { category: string; n: number }[];
}

export function readAnswer(json: string): Answer {
  const answer = decodeJson<Answer & { states: StateRow[] | null }>(json);
  if (!answer.expected) return answer;
  if (answer.states !== null) return answer;
  const message = 'what was stored could not be read again, so nobody was told yet; send it again with the same key';
  throw new TidingsError('unavailable', message);
}

export const statesOf = ({ states }: { states: StateRow[] }): Map<string, InboxState> =>
  new Map(
    states.map(({ user_id, as_of, read_upto, counts }) => [
      user_id,
      { counts: countsOf([counts]), asOf: as_of, readUpto: read_upto ?? 0 },
    ]),
  );
