import { strFromU8, unzipSync } from 'fflate';
import { ErpError } from './erp-error.ts';

/** A log or an output of a job. */
export interface JobFile {
  readonly name: string;
  readonly text: string;
}

/** Unpacks the base64 zip in which the service hands out logs and outputs of a job. */
export function unpackJobFiles(requestId: string, base64: string): JobFile[] {
  try {
    const files = unzipSync(Buffer.from(base64, 'base64'));
    return Object.entries(files).map(([name, bytes]) => ({ name, text: strFromU8(bytes) }));
  } catch (cause) {
    const message = `Expected the logs of request ${requestId} as a base64 zip, got something else. Open them in the ERP instead.`;
    throw new ErpError('unexpected_response', message, false, { requestId, cause });
  }
}
