/** A request that is answered with an error status. */
export class HttpFailure extends Error {
  readonly status: number;
  /** Oracle's error code, if it is known. */
  readonly errorCode: string;

  constructor(status: number, message: string, errorCode = '') {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export interface ErrorAnswer {
  readonly contentType: string;
  readonly body: string;
}

/** REST framework version 4 answers errors as JSON with a status that is a string; older ones as plain text. */
export function errorAnswer(failure: HttpFailure, frameworkVersion: number): ErrorAnswer {
  if (frameworkVersion < 4) return { contentType: 'text/plain', body: failure.message };
  const detail = { detail: failure.message, 'o:errorCode': failure.errorCode, 'o:errorPath': '' };
  const body = { title: titles[failure.status], status: String(failure.status), 'o:errorDetails': [detail] };
  return { contentType: 'application/vnd.oracle.adf.error+json', body: JSON.stringify(body) };
}
