import type { ComponentName, HealthState } from '@tidings/protocol';

/** The answer of one probe. */
export interface Finding {
  state: HealthState;
  /** Each a sentence that says what to do. Empty where it is ok. */
  reasons: readonly string[];
  /** The time that it took the component to answer, ms; null where it has none. */
  latencyMs: number | null;
}

/** Looks at one component. It may take long, or throw: it is given a time limit, and a failure is a finding too. */
export interface Probe {
  readonly component: ComponentName;
  /** The numbers of findings in a row after which a worse, and a better, state is taken on. Default: `defaultHold`. */
  readonly hold?: Hold;
  run(): Finding | Promise<Finding>;
}

export interface Hold {
  worse: number;
  better: number;
}

/** Findings are a second apart. */
export const defaultHold: Hold = { worse: 3, better: 5 };

const severities: Record<HealthState, number> = { ok: 0, degraded: 1, down: 2 };

export const isWorse = (state: HealthState, than: HealthState): boolean => severities[state] > severities[than];

export const worst = (states: Iterable<HealthState>): HealthState =>
  [...states].reduce((a, b) => (isWorse(b, a) ? b : a), 'ok');

export const ok = (latencyMs: number | null = null): Finding => ({ state: 'ok', reasons: [], latencyMs });

/** The worst of several judgements of one component, with the reasons of all. */
export function judged(
  problems: readonly ((Pick<Finding, 'state'> & { reason: string }) | null)[],
  latencyMs: number | null = null,
): Finding {
  const found = problems.filter((problem) => problem !== null);
  return { state: worst(found.map(({ state }) => state)), reasons: found.map(({ reason }) => reason), latencyMs };
}
