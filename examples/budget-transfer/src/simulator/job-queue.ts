/** A job of the simulated scheduler. */
export interface SimulatedJob {
  readonly requestId: string;
  readonly name: string;
  readonly path: string;
  /** True for a job that was submitted through the service; only those have a status of their own there. */
  readonly submitted: boolean;
  readonly children: SimulatedJob[];
  status: string;
  log: string;
  output: string;
}

export type JobIdentity = Pick<SimulatedJob, 'name' | 'path'>;

/** Has `change` happen when `share` (0 to 1) of the time that the job takes has passed. */
export type Schedule = (share: number, change: () => void) => void;

export interface JobQueue {
  /** Adds a job and plans its course: `plan` gets the job and a schedule that starts now. */
  submit(identity: JobIdentity, durationMs: number, plan: (job: SimulatedJob, at: Schedule) => void): SimulatedJob;
  spawn(parent: SimulatedJob, identity: JobIdentity): SimulatedJob;
  /** Lets everything happen that is due by now. There are no timers: call it before looking. */
  advance(): void;
  find(requestId: string): SimulatedJob | undefined;
}

const firstRequestId = 10_075_443;

export function createJobQueue(now: () => number): JobQueue {
  const jobs = new Map<string, SimulatedJob>();
  let due: { at: number; change: () => void }[] = [];
  let nextId = firstRequestId;

  function add(identity: JobIdentity, submitted: boolean): SimulatedJob {
    const requestId = String(nextId++);
    const { name, path } = identity;
    const job: SimulatedJob = { name, path, requestId, submitted, children: [], status: 'WAIT', log: '', output: '' };
    jobs.set(requestId, job);
    return job;
  }

  return {
    submit(identity, durationMs, plan) {
      const job = add(identity, true);
      const start = now();
      plan(job, (share, change) => due.push({ at: start + share * durationMs, change }));
      due.sort((a, b) => a.at - b.at);
      return job;
    },
    spawn(parent, identity) {
      const job = add(identity, false);
      parent.children.push(job);
      return job;
    },
    advance() {
      const time = now();
      const ready = due.filter((event) => event.at <= time);
      due = due.filter((event) => event.at > time);
      for (const event of ready) event.change();
    },
    find: (requestId) => jobs.get(requestId),
  };
}
