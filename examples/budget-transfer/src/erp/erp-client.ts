import { type Clock, systemClock } from './clock.ts';
import { ErpError } from './erp-error.ts';
import { flattenJobs, type JobNode, readExecutionDetails } from './execution-details.ts';
import { type JobFile, unpackJobFiles } from './job-files.ts';
import { phaseOf } from './job-status.ts';
import { type JsonObject, textAt } from './json.ts';
import { createTransport, throwIfCancelled } from './transport.ts';

export interface ErpConnection {
  /** Address of the ERP, such as `https://example.fa.us2.oraclecloud.com`. */
  readonly baseUrl: string;
  readonly username: string;
  readonly password: string;
}

export interface ErpClientOptions extends ErpConnection {
  /** Default: the global fetch. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Aborting it ends every call, and waits between polls at once, with the code `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time for one request, default 30 seconds. */
  readonly requestTimeoutMs?: number | undefined;
  /** Longest time to wait for one job, default 30 minutes. */
  readonly jobTimeoutMs?: number | undefined;
  /** First wait between two polls, default 2 seconds. Waits grow by half up to ten times that. */
  readonly pollMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

interface UcmFile {
  readonly fileName: string;
  /** A zip archive. */
  readonly content: Uint8Array;
  /** UCM account, such as `fin$/generalLedger$/import$`. */
  readonly documentAccount: string;
}

export interface JobRequest {
  /** Package of the job, `/oracle/apps/ess/…`. */
  readonly packageName: string;
  readonly definition: string;
  /** Positional arguments. */
  readonly args: readonly string[];
}

/**
 * Client of Oracle Fusion's ERP integration REST service
 * (REST API for Oracle Fusion Cloud Financials, erpintegrations). Every call throws only ErpError.
 */
export interface ErpClient {
  /** Puts a file on the content server and returns its document id. */
  uploadFileToUcm(file: UcmFile): Promise<string>;
  /** Starts a job and returns its request id. */
  submitJob(job: JobRequest): Promise<string>;
  /** The status word of a request that was submitted through this service. */
  jobStatus(requestId: string): Promise<string>;
  /** The request with its children, which the service's other reads know nothing of. */
  executionDetails(requestId: string): Promise<JobNode>;
  /** Log and output files of a request; none when it wrote none. */
  jobFiles(requestId: string): Promise<JobFile[]>;
  /**
   * Polls until the request and all its children have ended and returns them, however they ended.
   * Throws `job_held` when a person has to act first, and `timed_out` after `jobTimeoutMs`.
   */
  waitForJob(requestId: string): Promise<JobNode>;
}

export function createErpClient(options: ErpClientOptions): ErpClient {
  const { signal, clock = systemClock, pollMs = 2_000, jobTimeoutMs = 30 * 60_000 } = options;
  const transport = createTransport({
    baseUrl: options.baseUrl,
    username: options.username,
    password: options.password,
    fetch: options.fetch ?? globalThis.fetch,
    signal,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    clock,
  });

  async function find(finder: string): Promise<JsonObject> {
    const [item = {}] = await transport.find(finder);
    return item;
  }

  async function jobStatus(requestId: string): Promise<string> {
    const item = await find(`ESSJobStatusRF;requestId=${requestId}`);
    return textAt(item, 'RequestStatus') ?? throwUnknownRequest(requestId);
  }

  async function executionDetails(requestId: string): Promise<JobNode> {
    const item = await find(`ESSExecutionDetailsRF;requestId=${requestId}`);
    const text = textAt(item, 'RequestStatus') ?? throwUnknownRequest(requestId);
    const node = readExecutionDetails(text);
    if (node) return node;
    const message = `Expected the execution details of request ${requestId} as JSON, got ${JSON.stringify(text.slice(0, 80))}.`;
    throw new ErpError('unexpected_response', message, false, { requestId });
  }

  /** Repeats a read until no status in its answer is of a running job. */
  async function poll<T>(
    requestId: string,
    deadline: number,
    read: () => Promise<T>,
    statusesOf: (answer: T) => string[],
  ) {
    for (let wait = pollMs; ; wait = Math.min(wait * 1.5, pollMs * 10)) {
      const answer = await read();
      const statuses = statusesOf(answer);
      const held = statuses.find((status) => phaseOf(status) === 'held');
      if (held) throw jobHeld(requestId, held);
      const running = statuses.find((status) => phaseOf(status) === 'running');
      if (running === undefined) return answer;
      if (clock.now() >= deadline) throw jobTimedOut(requestId, running, jobTimeoutMs);
      await clock.sleep(Math.min(wait, Math.max(1, deadline - clock.now())), signal);
      throwIfCancelled(signal, `request ${requestId}`);
    }
  }

  return {
    async uploadFileToUcm(file) {
      const answer = await transport.post({
        OperationName: 'uploadFileToUCM',
        DocumentContent: Buffer.from(file.content).toString('base64'),
        DocumentAccount: file.documentAccount,
        ContentType: 'zip',
        FileName: file.fileName,
        DocumentId: null,
      });
      const documentId = textAt(answer, 'DocumentId');
      if (documentId !== undefined && documentId !== '-1') return documentId;
      const message = `The ERP took ${file.fileName} but gave it no document id. Check the access of the user to account ${file.documentAccount}.`;
      throw new ErpError('unexpected_response', message, false);
    },
    async submitJob({ packageName, definition, args }) {
      const answer = await transport.post({
        OperationName: 'submitESSJobRequest',
        JobPackageName: packageName,
        JobDefName: definition,
        ESSParameters: args.map(quoteArgument).join(','),
        ReqstId: null,
      });
      const requestId = textAt(answer, 'ReqstId');
      // The service answers a refused submission with success and this id.
      if (requestId !== undefined && requestId !== '-1') return requestId;
      const advice = 'Check that the ERP user may run this job and that its path and arguments are right.';
      throw new ErpError('submission_refused', `The ERP refused to start ${definition}. ${advice}`, false);
    },
    jobStatus,
    executionDetails,
    async jobFiles(requestId) {
      const item = await find(`ESSJobExecutionDetailsRF;requestId=${requestId},fileType=LOG`);
      const content = textAt(item, 'DocumentContent');
      return content === undefined ? [] : unpackJobFiles(requestId, content);
    },
    async waitForJob(requestId) {
      const deadline = clock.now() + jobTimeoutMs;
      await poll(
        requestId,
        deadline,
        () => jobStatus(requestId),
        (status) => [status],
      );
      // The parent can end as SUCCEEDED over a child in WARNING, so its word alone says nothing.
      const statusesOf = (node: JobNode) => flattenJobs(node).map((job) => job.status);
      return poll(requestId, deadline, () => executionDetails(requestId), statusesOf);
    },
  };
}

function quoteArgument(value: string): string {
  return value.includes(',') ? `"${value}"` : value;
}

function throwUnknownRequest(requestId: string): never {
  const advice =
    'It only knows requests that this user submitted through it; look the request up under Scheduled Processes.';
  throw new ErpError(
    'unknown_request',
    `The ERP integration service has no status of request ${requestId}. ${advice}`,
    false,
    {
      requestId,
    },
  );
}

function jobHeld(requestId: string, status: string): ErpError {
  const message = `Request ${requestId} is ${status}: it waits for a person. Release or cancel it under Scheduled Processes.`;
  return new ErpError('job_held', message, false, { requestId });
}

function jobTimedOut(requestId: string, status: string, timeoutMs: number): ErpError {
  const waited = timeoutMs >= 60_000 ? `${Math.round(timeoutMs / 60_000)} minutes` : `${timeoutMs / 1_000} seconds`;
  const message = `Request ${requestId} was still ${status} after ${waited}. Look it up under Scheduled Processes before sending the file again.`;
  return new ErpError('timed_out', message, false, { requestId });
}
