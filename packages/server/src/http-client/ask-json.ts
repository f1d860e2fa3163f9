import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { HttpClient } from './http-client.ts';
import { reachOf } from './reach.ts';

export interface Question {
  accept: string;
  headers?: Record<string, string>;
  /** JSON to post. Default: none, and the method is GET. */
  body?: string;
  /** Time limit of an answer, ms. */
  timeoutMs: number;
}

export interface JsonAnswer {
  status: number;
  /** Undefined if the status is an error's. */
  body: unknown;
}

/** A service that does not answer as it should: the message says what it did, as `answers 200 without JSON`. */
export class Misanswer extends Error {}

/** The largest answer, bytes. */
const largest = 1_048_576;

/**
 * A client for addresses that the operator names, so that services of the own network may be called. A name never leads to an address
 * that is no service, such as the metadata of a cloud.
 *
 * @param options.atOnce the most requests to one service at a time; further ones wait. Default: any number
 */
export const serviceClient = (options: { atOnce?: number } = {}): HttpClient =>
  new HttpClient((host, address) => isIP(host) !== 0 || reachOf(address) !== 'unusable', options);

/** Asks a service for JSON. Throws `Misanswer` if it does not answer in time, or with a redirect, no JSON, or more than 1 MiB. */
export async function askJson(
  http: HttpClient,
  url: string,
  { accept, headers = {}, body, timeoutMs }: Question,
): Promise<JsonAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const posted = body !== undefined && { body, method: 'POST' };
  const type: Record<string, string> = posted ? { 'content-type': 'application/json' } : {};
  try {
    const answer = await http.request(url, {
      method: 'GET',
      headers: { accept, ...type, ...headers },
      signal,
      ...posted,
    });
    const status = answer.statusCode ?? 0;
    const isGood = status >= 200 && status < 300;
    if (!isGood) answer.destroy();
    if (status >= 300 && status < 400) throw new Misanswer(`answers ${status}, a redirect, which is not followed`);
    if (!isGood) return { status, body: undefined };
    return { status, body: parse(await textOf(answer), status) };
  } catch (cause) {
    if (cause instanceof Misanswer) throw cause;
    const late = signal.aborted ? ` within ${timeoutMs / 1_000} s` : '';
    throw new Misanswer(`does not answer${late}`, { cause });
  }
}

/** The text of an answer, which is given up where it does not end. */
async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop ends the answer.
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > largest) throw new Misanswer('answers more than 1 MiB');
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Misanswer(`answers ${status} without JSON`, { cause });
  }
}
