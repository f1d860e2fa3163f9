import type { Notice } from './fault-proxy.ts';
import type { Strike } from './play.ts';
import { markdownTable } from './table.ts';

/** The longest time after a fault until everyone is back, ms. */
const backWithin = 10_000;
/** The longest time until an end of a dead connection notices, ms: a server by its pings, a client by silence, and what it takes to close. */
const noticedWithin: Record<Notice['end'], Record<Notice['kind'], number>> = {
  server: { WebSocket: 41_000, 'event stream': Number.POSITIVE_INFINITY },
  client: { WebSocket: 67_500, 'event stream': 35_000 },
};
/** While others are struck, the sender's p99 may be so many times that of calm. */
const mostTimesCalm = 2;
/** Fewer answers have no p99. */
const fewest = 1_000;

/** The value below which this share of the numbers is; NaN if there are none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A number as text; "–" if there is none. */
const written = (number: number, digits: number): string => (Number.isNaN(number) ? '–' : number.toFixed(digits));
const seconds = (ms: number): string => written(ms / 1_000, 2);

/** The times of a run in one world: how soon all are back, when a dead connection is noticed, and what others see of it. */
export class Figures {
  readonly #world: string;
  readonly #strikes: Strike[] = [];
  readonly #notices: Notice[] = [];

  constructor(world: string) {
    this.#world = world;
  }

  note(strike: Strike): void {
    this.#strikes.push(strike);
  }

  noteNotices(notices: readonly Notice[]): void {
    this.#notices.push(...notices);
  }

  /** The times that are longer than they may be, as sentences. */
  problems(): string[] {
    const late = this.#strikes.filter(({ back }) => back > backWithin);
    const blind = this.#notices.filter(({ end, kind, after }) => after > noticedWithin[end][kind]);
    const [calm, struck] = [this.#answerTimes('calm'), this.#answerTimes('others')];
    const [was, is] = [quantile(calm, 0.99), quantile(struck, 0.99)];
    const isSlow = Math.min(calm.length, struck.length) >= fewest && is > mostTimesCalm * was;
    return [
      ...late.map(({ fault, back }) => `after "${fault.name}" everyone was back in ${seconds(back)} s`),
      ...blind.map(
        ({ kind, end, after }) => `the ${end} of a dead ${kind} had not noticed, or only after ${seconds(after)} s`,
      ),
      ...(isSlow ? [`others' p99 is ${is.toFixed(0)} ms while some are struck, and ${was.toFixed(0)} ms in calm`] : []),
    ].map((problem) => `${this.#world}: ${problem}`);
  }

  /** As Markdown. */
  toString(): string {
    const names = [...new Set(this.#strikes.map(({ fault }) => fault.name))];
    const strikes = names.map((name) => {
      const of = this.#strikes.filter(({ fault }) => fault.name === name);
      const backs = of.map(({ back }) => back);
      const answers = of.flatMap(({ answerTimes }) => answerTimes);
      return [
        ...[name, this.#world, of.length, seconds(quantile(backs, 0.5)), seconds(Math.max(...backs))],
        ...[written(quantile(answers, 0.5), 0), written(quantile(answers, 0.99), 0)],
      ];
    });
    const dead = (['client', 'server'] as const).flatMap((end) =>
      (['WebSocket', 'event stream'] as const).map((kind) => {
        const of = this.#notices.filter((notice) => notice.end === end && notice.kind === kind);
        const own = of.filter(({ isOwn }) => isOwn).map(({ after }) => after);
        const told = of.length - own.length;
        return [end, kind, this.#world, own.length, seconds(quantile(own, 0.5)), seconds(quantile(own, 1)), told];
      }),
    );
    return [
      markdownTable(
        ['fault', 'in', 'strikes', 'back p50, s', 'back at most, s', 'accepted p50, ms', 'accepted p99, ms'],
        strikes,
      ),
      markdownTable(
        ['end', 'dead connection', 'in', 'noticed', 'p50, s', 'at most, s', 'told by the network before'],
        dead,
      ),
    ].join('\n\n');
  }

  #answerTimes(whose: 'calm' | 'others'): number[] {
    const isMeant = ({ fault }: Strike) => (whose === 'calm' ? fault.name === 'calm' : fault.sparesSender === true);
    return this.#strikes.filter(isMeant).flatMap(({ answerTimes }) => answerTimes);
  }
}
