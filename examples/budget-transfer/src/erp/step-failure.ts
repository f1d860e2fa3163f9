import { ErpError, type ErpErrorCode, type ErpErrorDetails, type RejectedLine } from './erp-error.ts';
import type { JobNode } from './execution-details.ts';

const linesInMessage = 3;

/** A job that ended otherwise than SUCCEEDED, with the last line of its log, where Oracle writes the reason. */
export function jobFailed(stepName: string, job: JobNode, log: string, advice: string): ErpError {
  const reason = log.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const because = reason === '' ? '.' : `: ${reason.slice(0, 300)}${/[.!?]$/.test(reason) ? '' : '.'}`;
  const message = `${stepName} ended in ${job.status} (request ${job.requestId})${because} ${advice}`;
  return new ErpError('job_failed', message, false, { requestId: job.requestId, log });
}

/** Lines that Journal Import turned down. One such line holds back all lines of its group. */
export function linesRejected(
  rejectedLines: readonly RejectedLine[],
  sent: number,
  details: ErpErrorDetails,
): ErpError {
  const shown = rejectedLines.slice(0, linesInMessage).map(({ line, journal, account, codes, reason }) => {
    return `line ${line} (${journal}, ${account}) ${codes.join(', ')}: ${reason.replace(/\.$/, '')}`;
  });
  const more = rejectedLines.length > linesInMessage ? `; and ${rejectedLines.length - linesInMessage} more` : '';
  const held = `The ERP rejected ${rejectedLines.length} of ${sent} lines, and with them the whole file`;
  const message = `${held}: ${shown.join('; ')}${more}. Correct them and send the file again.`;
  return new ErpError('lines_rejected', message, false, { ...details, rejectedLines });
}

/** Fewer lines imported than sent, although no job complained: the import did not find them. */
export function linesMissing(imported: number, sent: number, groupId: string, details: ErpErrorDetails): ErpError {
  const expected = `Expected ${sent} lines of group ${groupId} to be imported, the ERP imported ${imported}.`;
  const message = `${expected} Check whether another import took them, and that the journal source is set up in the ERP.`;
  return new ErpError('lines_missing', message, false, details);
}

/** Failures after which it is known what the ERP did with the journals. */
const finalCodes: ReadonlySet<ErpErrorCode> = new Set([
  'job_failed',
  'lines_rejected',
  'lines_missing',
  'submission_refused',
]);

/**
 * The same failure, no longer retryable, with advice if it is unknown how far the ERP came: once the import may
 * have started, sending the file again could book it twice, as the ERP detects no duplicates.
 */
export function notToBeRepeated(error: unknown, groupId: string): unknown {
  if (!(error instanceof ErpError) || finalCodes.has(error.code)) return error;
  const message = `${error.message} Look for a batch of group ${groupId} in the ERP before sending the file again.`;
  return new ErpError(error.code, message, false, { requestId: error.requestId, log: error.log, cause: error });
}
