import type { BenchOutcome, BenchStore, BenchWrite } from './builds.ts';

const batch = 200;
/** Each caller has records of its own. Two keep the next commit ready while one is under way. */
const callers = 2;
const perCaller = 1_000;
const sharedUnread = 20;

/** One kind of write: what is there before, and the n-th write to the i-th record of all. */
interface Kind {
  seed(i: number): BenchWrite[];
  write(i: number, n: number, before: BenchOutcome | undefined): BenchWrite;
}

const text = 'Your report on the third quarter is ready to be downloaded. '.repeat(6);
const frame = (id: string, n: number) => JSON.stringify({ type: 'user_message', id, message: text, data: { n } });

const put = (id: string, n: number, over: object): BenchWrite => ({
  ...{ op: 'put', id, kind: 'notification', viewers: null, state: JSON.stringify({ n, text }), alert: 'ask' },
  ...{ expired: false, category: 'reports', type: 'user_message', search: null, dueAt: null, collapse: null },
  ...{ expect: null, owner: null, status: null, externalId: null, at: Date.now(), key: null },
  ...{ body: frame(id, n), ...over },
});

const user = (i: number): string => `u${i}`;
const own = (i: number) => ({ topics: [`user:${user(i)}`] });
const notification = (i: number) => put(`n${i}`, 0, own(i));
const rights = (i: number): BenchWrite => ({
  ...{ op: 'rights', userId: user(i), roles: [], topics: ['everyone'], issuedAt: 1, visibleFrom: 0, at: 1 },
});

export const kinds = {
  'a task that is reported on again': {
    seed: (i) => [put(`t${i}`, 0, { ...taskOf(i), expect: null })],
    write: (i, n, before) => put(`t${i}`, n, { ...taskOf(i), expect: before?.rev }),
  },
  'mark read or unread, with counts': {
    seed: (i) => [notification(i), rights(i), ...(i < sharedUnread ? [put(`s${i}`, 0, { topics: ['everyone'] })] : [])],
    write: (i, n) => ({
      ...{ op: 'receipt', userId: user(i), topics: [`user:${user(i)}`, 'everyone'], ids: [`n${i}`], upTo: null },
      ...{ mark: n % 2 === 0 ? 'unread' : 'read', until: null, at: Date.now() },
    }),
  },
  'an edit': {
    seed: (i) => [notification(i)],
    write: (i, n, before) => put(`n${i}`, n, { ...own(i), alert: 'keep', expect: before?.rev }),
  },
  'a collapse': {
    seed: (i) => [put(`n${i}`, 0, { ...own(i), collapse: `c${i}` })],
    write: (i, n) => put(`n${i}-${n}`, n, { ...own(i), collapse: `c${i}` }),
  },
  'a plain notification': {
    seed: () => [],
    write: (i, n) => put(`n${i}-${n}`, n, { ...own(i), key: { key: `k${i}-${n}`, hash: 'hash' } }),
  },
} satisfies Record<string, Kind>;

function taskOf(i: number) {
  const topics = [`task:t${i}`, `user:${user(i)}`];
  return {
    ...own(i),
    topics,
    kind: 'task',
    alert: 'never',
    category: '',
    type: null,
    owner: 'reports',
    status: 'running',
    linked: { taskId: `t${i}`, ids: [] },
  };
}

export type KindName = keyof typeof kinds;

/** Makes writes of one kind, in batches, for a while. */
export class WriteLoad {
  readonly #store: BenchStore;
  readonly #kind: Kind;
  readonly #outcomes = new Map<number, BenchOutcome>();
  /** The number of writes to each record. */
  readonly #times = new Int32Array(callers * perCaller);

  constructor(store: BenchStore, kind: KindName) {
    this.#store = store;
    this.#kind = kinds[kind];
  }

  async seed(): Promise<void> {
    for (let i = 0; i < callers * perCaller; i++) {
      const writes = this.#kind.seed(i);
      if (writes.length === 0) continue;
      this.#outcomes.set(i, (await this.#store.commit(writes))[0] as BenchOutcome);
    }
  }

  /** @returns how many writes were stored */
  async run(seconds: number): Promise<number> {
    const end = performance.now() + 1_000 * seconds;
    let done = 0;
    const caller = async (c: number) => {
      for (let from = 0; performance.now() < end; from = (from + batch) % perCaller) {
        await this.#batch(c * perCaller + from);
        done += batch;
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, c) => caller(c)));
    return done;
  }

  async #batch(from: number): Promise<void> {
    const writes = Array.from({ length: batch }, (_, i) => {
      const n = (this.#times[from + i] as number) + 1;
      this.#times[from + i] = n;
      return this.#kind.write(from + i, n, this.#outcomes.get(from + i));
    });
    const outcomes = await this.#store.commit(writes);
    outcomes.forEach((outcome, i) => {
      if (outcome.status !== 'stored') throw new Error(`${JSON.stringify(writes[i])} came out as ${outcome.status}`);
      this.#outcomes.set(from + i, outcome);
    });
  }
}
