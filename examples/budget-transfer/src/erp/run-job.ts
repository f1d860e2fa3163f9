import type { ErpClient, JobRequest } from './erp-client.ts';
import { ErpError } from './erp-error.ts';
import { flattenJobs, type JobNode } from './execution-details.ts';
import { phaseOf } from './job-status.ts';

/** A job that has ended, well or not. */
export interface EndedJob {
  readonly requestId: string;
  /** Request id of its first child, or its own when it has none. */
  readonly childId: string;
  /** Logs and outputs of the job and its children, one after the other. */
  readonly log: string;
  /** The job, of it and its children, that did not succeed; the deepest, as a parent only passes a failure on. */
  readonly failed: JobNode | undefined;
}

/** Submits a job, waits until it and its children have ended, and reads their logs. */
export async function runJob(client: ErpClient, job: JobRequest): Promise<EndedJob> {
  const requestId = await client.submitJob(job);
  const node = await client.waitForJob(requestId);
  const jobs = flattenJobs(node);
  const logs: string[] = [];
  for (const { requestId: id } of jobs) logs.push(await readLog(client, id));
  return {
    requestId,
    childId: node.children[0]?.requestId ?? requestId,
    log: logs.filter((log) => log !== '').join('\n'),
    failed: jobs.findLast(({ status }) => phaseOf(status) !== 'succeeded'),
  };
}

// The end of the job matters more than its log: a log that cannot be read must not hide it.
async function readLog(client: ErpClient, requestId: string): Promise<string> {
  try {
    const files = await client.jobFiles(requestId);
    return files.map((file) => file.text.trimEnd()).join('\n');
  } catch (error) {
    if (!(error instanceof ErpError) || error.code === 'cancelled') throw error;
    return `The log of request ${requestId} could not be read: ${error.message}`;
  }
}
