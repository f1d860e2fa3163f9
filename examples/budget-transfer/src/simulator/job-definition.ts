import type { FaultyStep, JobFault } from './faults.ts';
import type { GeneralLedger } from './general-ledger.ts';
import type { JobIdentity, JobQueue, Schedule, SimulatedJob } from './job-queue.ts';

/** The tools of a job while it runs. */
export interface JobRun {
  readonly job: SimulatedJob;
  readonly at: Schedule;
  readonly queue: JobQueue;
  readonly ledger: GeneralLedger;
  readonly args: readonly string[];
  /** The way it was told to end, if any. */
  readonly fault: JobFault | undefined;
}

export interface JobDefinition extends JobIdentity {
  readonly step: Exclude<FaultyStep, 'uploadToUcm'>;
  /** Numbers of arguments it may be submitted with. */
  readonly argumentCounts: readonly number[];
  /** Lays out the job's course when it is submitted. */
  plan(run: JobRun): void;
}
