import type { PutWrite, Write } from '../../domain/ports.ts';
import type { WriteGroup } from '../engine.ts';
import { encodeJson, encodeText } from './characters.ts';
import type { Segment } from './segments.ts';

/** The parameters of `tidings_apply`. `seen` is the highest head this process knows of. */
export function applyParams(segments: readonly Segment[], seen: number): string[] {
  const columns = new Columns();
  const parts = segments.map((segment) =>
    segment.kind === 'run'
      ? columns.add(segment)
      : `{"whole":${isWhole(segment.group)},"writes":${encodeJson(segment.group.writes.map(rowOf))}}`,
  );
  const io = `{"seen":${seen},"latest":${latestOf(segments)},"segments":[${parts.join()}]}`;
  return [io, ...columns.arrays()];
}

/** A single write is whole by itself: it changes nothing before it is sure of its outcome. */
const isWhole = ({ atomic, writes }: WriteGroup): boolean => atomic && writes.length > 1;

function latestOf(segments: readonly Segment[]): number {
  let latest = 0;
  for (const segment of segments) {
    const writes = segment.kind === 'run' ? segment.puts : segment.group.writes;
    for (const write of writes) if ('at' in write) latest = Math.max(latest, write.at);
  }
  return latest;
}

/** The notifications of all runs as arrays, one for each column, and who hears them as two more. */
class Columns {
  readonly #puts: PutWrite[] = [];
  readonly #heard: string[] = [];
  readonly #hearers: number[] = [];

  /** @returns the segment, which names its part of the arrays */
  add({ groups, puts }: Extract<Segment, { kind: 'run' }>): string {
    const [first, heardFirst] = [this.#puts.length + 1, this.#heard.length + 1];
    puts.forEach((put, i) => {
      this.#puts.push(put);
      for (const topic of put.topics) {
        this.#heard.push(topic);
        this.#hearers.push(i + 1);
      }
    });
    const place = { first, last: this.#puts.length, heardFirst, heardLast: this.#heard.length };
    return JSON.stringify({ ...place, wholes: wholesOf(groups) });
  }

  arrays(): string[] {
    const column = (value: (put: PutWrite) => string | number | boolean | null) => arrayOf(this.#puts.map(value));
    const jsonColumn = (value: (put: PutWrite) => string | null) => arrayOfJson(this.#puts.map(value));
    return [
      column((put) => put.id),
      jsonColumn((put) => encodeJson(put.topics)),
      jsonColumn((put) => put.body),
      jsonColumn((put) => put.state),
      column((put) => put.externalId),
      column((put) => put.at),
      column((put) => put.type),
      column((put) => put.search),
      column((put) => put.dueAt),
      column((put) => put.category),
      column((put) => put.alert === 'ask'),
      column((put) => put.key?.key ?? null),
      column((put) => put.key?.hash ?? null),
      arrayOf(this.#heard),
      arrayOf(this.#hearers),
    ];
  }
}

/** Where in a run the groups are that are stored whole or not at all. */
function wholesOf(groups: readonly WriteGroup[]): [first: number, last: number][] {
  const wholes: [number, number][] = [];
  let before = 0;
  for (const group of groups) {
    if (isWhole(group)) wholes.push([before + 1, before + group.writes.length]);
    before += group.writes.length;
  }
  return wholes;
}

const arrayOf = (values: readonly (string | number | boolean | null)[]): string => `{${values.map(element).join()}}`;

function element(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  const text = encodeText(value);
  return `"${text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text}"`;
}

/** The same for texts that are JSON: what has no control characters is escaped alike in JSON and in an array, only faster. */
const arrayOfJson = (values: readonly (string | null)[]): string => `{${JSON.stringify(values).slice(1, -1)}}`;

/** A write as the functions take it. */
function rowOf(write: Write): object {
  switch (write.op) {
    case 'put':
      return putRow(write);
    case 'receipt': {
      const { op, userId, topics, ids, upTo, mark, until, at } = write;
      return { op, user_id: userId, topics, ids, up_to: upTo, mark, until, at };
    }
    case 'bind':
      return { op: write.op, user_id: write.userId, username: write.username };
    case 'rights': {
      const { op, userId, roles, topics, issuedAt, since, at } = write;
      return { op, user_id: userId, roles: JSON.stringify(roles), topics, issued_at: issuedAt, since, at };
    }
  }
}

function putRow(write: PutWrite): object {
  const { op, id, kind, topics, body, state, alert, category, type, search, collapse, owner, status, at } = write;
  return {
    ...{ op, id, kind, topics, body, state, alert, category, type, search, collapse, owner, status, at },
    audience: write.audience === null ? null : JSON.stringify(write.audience),
    expired: Number(write.expired),
    due_at: write.dueAt,
    // 0: there must be none; left out: whatever.
    expect: write.expect === null ? 0 : write.expect,
    external_id: write.externalId,
    key: write.key?.key,
    hash: write.key?.hash,
    outbox: write.key?.outbox,
  };
}
