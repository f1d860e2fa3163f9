import type { JournalProblem } from '../journal/journal.ts';

export type ErpErrorCode =
  /** The uploaded file has problems; `problems` lists them. Nothing was sent. */
  | 'invalid_file'
  /** The base URL cannot be used. */
  | 'invalid_base_url'
  /** No connection: wrong host, service down, certificate refused. */
  | 'unreachable'
  /** One request, or a job as a whole, took longer than allowed. */
  | 'timed_out'
  /** 401. */
  | 'unauthorized'
  /** 403. */
  | 'forbidden'
  /** Another 4xx: the service did not understand the request. */
  | 'invalid_request'
  /** 429 or 5xx. */
  | 'unavailable'
  /** A success that is not what the service documents, such as a login page. */
  | 'unexpected_response'
  /** A job was not accepted: a 2xx answer with request id -1. */
  | 'submission_refused'
  /** The service knows no status of a request id. */
  | 'unknown_request'
  /** A job waits for a person: on hold, or manual recovery. */
  | 'job_held'
  /** A job ended in ERROR, WARNING, CANCELLED or EXPIRED. */
  | 'job_failed'
  /** Journal Import turned lines down; `rejectedLines` lists them. Nothing of the file was imported. */
  | 'lines_rejected'
  /** Journal Import ended well but took fewer lines than were sent. */
  | 'lines_missing'
  /** The caller's signal was aborted. */
  | 'cancelled';

/** A journal line the ERP turned down. */
export interface RejectedLine {
  /** Line of the uploaded file, 1 being the header. */
  readonly line: number;
  readonly journal: string;
  readonly account: string;
  /** Oracle's codes, such as EF04. */
  readonly codes: readonly string[];
  readonly reason: string;
}

export interface ErpErrorDetails {
  readonly requestId?: string;
  readonly problems?: readonly JournalProblem[];
  readonly rejectedLines?: readonly RejectedLine[];
  /** Log of the failed job, to show or download. */
  readonly log?: string;
  readonly cause?: unknown;
}

/** The one failure of this folder. `message` is for the person who sent the file: what happened and what to do. */
export class ErpError extends Error {
  override readonly name = 'ErpError';
  readonly code: ErpErrorCode;
  /** True when doing the same again may work and cannot book anything twice. */
  readonly retryable: boolean;
  readonly requestId: string | undefined;
  readonly problems: readonly JournalProblem[];
  readonly rejectedLines: readonly RejectedLine[];
  readonly log: string | undefined;

  constructor(code: ErpErrorCode, message: string, retryable: boolean, details: ErpErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.retryable = retryable;
    this.requestId = details.requestId;
    this.problems = details.problems ?? [];
    this.rejectedLines = details.rejectedLines ?? [];
    this.log = details.log;
  }
}
