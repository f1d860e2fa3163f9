/** `refuse`: not accepted though the answer is 2xx. `error`, `warning`: how the job ends (an upload: 500). */
export type JobFault = 'refuse' | 'error' | 'warning';
type UploadFault = 'refuse' | 'error';

export interface StepFaults {
  uploadToUcm: UploadFault;
  interfaceLoader: JobFault;
  journalImport: JobFault;
  autoPost: JobFault;
}

export type FaultyStep = keyof StepFaults;
export type ServiceState = 'normal' | 'unavailable' | 'rejects_logins';

/** The faults that last until they are cleared. */
export interface Faults {
  readonly fail: Partial<StepFaults>;
  /** Jobs submitted from now on take this many times as long; 1 is normal. */
  readonly slowFactor: number;
  readonly service: ServiceState;
}

export const noFaults: Faults = { fail: {}, slowFactor: 1, service: 'normal' };

type ParsedFaults = { ok: true; faults: Faults } | { ok: false; message: string };

const stepKeys: Readonly<Record<string, FaultyStep>> = {
  upload_to_ucm: 'uploadToUcm',
  interface_loader: 'interfaceLoader',
  journal_import: 'journalImport',
  auto_post: 'autoPost',
};

/**
 * Reads the body of `POST /simulator/faults`, which replaces all faults:
 * `{"fail": {"journal_import": "warning"}, "slow_factor": 5, "service": "normal"}`. All keys are optional.
 */
export function parseFaults(body: unknown): ParsedFaults {
  if (!isObject(body)) return invalid('a JSON object', body);
  const { fail = {}, slow_factor: slowFactor = 1, service = 'normal', ...unknown } = body;
  const [unknownKey] = Object.keys(unknown);
  if (unknownKey !== undefined) return invalid('the keys fail, slow_factor and service', unknownKey);
  if (typeof slowFactor !== 'number' || !(slowFactor >= 0 && slowFactor <= 1e6)) {
    return invalid('slow_factor from 0 to 1000000', slowFactor);
  }
  if (service !== 'normal' && service !== 'unavailable' && service !== 'rejects_logins') {
    return invalid('service normal, unavailable or rejects_logins', service);
  }
  if (!isObject(fail)) return invalid('fail as an object', fail);
  const steps: Partial<StepFaults> = {};
  for (const [key, fault] of Object.entries(fail)) {
    const step = Object.hasOwn(stepKeys, key) ? stepKeys[key] : undefined;
    if (step === undefined) return invalid(`steps of ${Object.keys(stepKeys).join(', ')}`, key);
    if (fault === 'refuse' || fault === 'error') steps[step] = fault;
    else if (fault === 'warning' && step !== 'uploadToUcm') steps[step] = fault;
    else return invalid(step === 'uploadToUcm' ? 'refuse or error' : 'refuse, error or warning', fault);
  }
  return { ok: true, faults: { fail: steps, slowFactor, service } };
}

/** The same as it goes over the wire. */
export function faultsToWire({ fail, slowFactor, service }: Faults): object {
  const steps = Object.entries(stepKeys).flatMap(([key, step]) => (fail[step] ? [[key, fail[step]]] : []));
  return { fail: Object.fromEntries(steps), slow_factor: slowFactor, service };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(expected: string, got: unknown): ParsedFaults {
  return { ok: false, message: `expected ${expected}, got ${JSON.stringify(got)}` };
}
