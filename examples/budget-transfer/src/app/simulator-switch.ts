import { Refusal } from './http.ts';

/** The ways the simulated ERP can behave, as the simulator's control endpoint takes and returns them. */
export const behaviours = {
  normal: { fail: {}, slow_factor: 1, service: 'normal' },
  slow: { fail: {}, slow_factor: 5, service: 'normal' },
  upload_fails: { fail: { upload_to_ucm: 'error' }, slow_factor: 1, service: 'normal' },
  load_refused: { fail: { interface_loader: 'refuse' }, slow_factor: 1, service: 'normal' },
  load_fails: { fail: { interface_loader: 'error' }, slow_factor: 1, service: 'normal' },
  import_rejects: { fail: { journal_import: 'warning' }, slow_factor: 1, service: 'normal' },
  posting_fails: { fail: { auto_post: 'error' }, slow_factor: 1, service: 'normal' },
  rejects_logins: { fail: {}, slow_factor: 1, service: 'rejects_logins' },
  offline: { fail: {}, slow_factor: 1, service: 'unavailable' },
} as const;

export type Behaviour = keyof typeof behaviours;

export const isBehaviour = (name: unknown): name is Behaviour =>
  typeof name === 'string' && Object.hasOwn(behaviours, name);

/** Turns the simulator's switches, over HTTP as anybody else would. */
export class SimulatorSwitch {
  readonly #endpoint: string;

  constructor(url: string) {
    this.#endpoint = `${url}/simulator/faults`;
  }

  /** Null if somebody has set what has no name here. */
  async current(): Promise<Behaviour | null> {
    const faults = JSON.stringify(await this.#ask({ method: 'GET' }));
    return (
      Object.keys(behaviours)
        .filter(isBehaviour)
        .find((name) => JSON.stringify(behaviours[name]) === faults) ?? null
    );
  }

  async set(behaviour: Behaviour): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    await this.#ask({ method: 'POST', headers, body: JSON.stringify(behaviours[behaviour]) });
  }

  async #ask(request: RequestInit): Promise<unknown> {
    const response = await fetch(this.#endpoint, request);
    if (response.ok) return response.json();
    throw new Refusal(502, `The ERP simulator answered ${response.status} to its own switch.`);
  }
}
