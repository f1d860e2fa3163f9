import type { Receipt } from '@tidings/protocol';
import { receiptsBody, receiptsRecordId } from '../../domain/inbox/receipts.ts';
import type { Change, Outcome, PutWrite } from '../../domain/ports.ts';
import { userTopic } from '../../domain/topics.ts';
import { countsOf } from '../counts.ts';
import type { Applied, Row, Settled } from '../engine.ts';
import { audienceChange, returnedFrame } from '../receipt-rows.ts';
import { receiptOf, watermarkOf } from '../rows.ts';
import type { CountRow } from '../unread-statements.ts';
import { decodeJson } from './characters.ts';
import type { Segment } from './segments.ts';

/** What `tidings_apply` answers. */
interface Answer {
  from: number;
  to: number;
  term: string;
  /** For each segment, in order. */
  results: (RunResult | Outcome[])[];
  told: Told[];
}

/** All are stored, from this rev on; or what became of each, see `tidings_publish`. */
type RunResult = { from: number } | { revs: number[]; known: [n: number, id: string, rev: number, same: boolean][] };

/** What a write came out as, or gave rise to. */
type Told =
  | { settled: Settled }
  | { moved: Change }
  | { receipts: ToldReceipts }
  | { audiences: { rev: number; at: number; changes: Row[]; counts: CountRow[] } };

interface ToldReceipts {
  rev: number;
  as_of: number;
  user_id: string;
  at: number;
  items: Row[];
  counts: CountRow[];
  user: Row | null;
}

export function appliedOf(json: string, segments: readonly Segment[]): Applied {
  const { from, to, term, results, told } = decodeJson<Answer>(json);
  const outcomes = segments.flatMap((segment, i): Outcome[][] => {
    if (segment.kind === 'group') return [results[i] as Outcome[]];
    const ofRun = runOutcomes(segment.puts, results[i] as RunResult);
    return segment.groups.map(({ writes }) => ofRun.splice(0, writes.length));
  });
  const settled = told.flatMap((one) => ('settled' in one ? [one.settled] : []));
  return { from, to, term, outcomes, settled, produced: told.flatMap(changesOf) };
}

function runOutcomes(puts: readonly PutWrite[], result: RunResult): Outcome[] {
  if ('from' in result) return puts.map(({ id }, i) => ({ status: 'stored', id, rev: result.from + i }));
  const known = new Map(result.known.map(([n, id, rev]) => [n, { id, rev }]));
  return puts.map(({ id }, i): Outcome => {
    const rev = result.revs[i] as number;
    if (rev > 0) return { status: 'stored', id, rev };
    if (rev === 0) return { status: 'duplicate', ...(known.get(i + 1) as { id: string; rev: number }) };
    return { status: rev === -1 ? 'mismatch' : 'aborted' };
  });
}

function changesOf(told: Told): Change[] {
  if ('moved' in told) return [told.moved];
  if ('receipts' in told) return [receiptsChange(told.receipts)];
  if (!('audiences' in told)) return [];
  const { rev, at, changes, counts } = told.audiences;
  const state = { counts: countsOf([counts]), asOf: rev };
  return changes.map((row) => audienceChange(row, state, at));
}

function receiptsChange({ rev, as_of, user_id, at, items, counts, user }: ToldReceipts): Change {
  const watermark = watermarkOf(user ?? undefined);
  const receipts = items.map((row) => receiptOf(row, String(row.id), watermark));
  const returned = items.flatMap((row, i) => (row.body === null ? [] : [returnedFrame(row, receipts[i] as Receipt)]));
  const state = { counts: countsOf([counts]), asOf: as_of, readUpto: watermark.rev };
  return {
    ...{ rev, id: receiptsRecordId(user_id), kind: 'receipts', topics: [userTopic(user_id)], audience: null },
    ...{ body: receiptsBody(user_id, receipts, returned, state, at), alertRev: 0, recount: false },
  };
}
