import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TidingsError } from '@tidings/protocol';
import { HttpClient } from '../http-client/http-client.ts';
import { reachOf } from '../http-client/reach.ts';

interface Question {
  /** The option that gave the address, as `auth.url (--auth-url)`: stands for it in errors, which callers see. */
  option: string;
  accept: string;
  credentials?: Record<string, string>;
  /** Time limit of an answer, ms. */
  timeoutMs: number;
}

/** Time limit of a request that finds out a user, ms. */
export const defaultTimeoutMs = 5_000;

/** The operator names these addresses, and so services of the own network; their names never lead to what is no service. */
const http = new HttpClient((host, address) => isIP(host) !== 0 || reachOf(address) !== 'unusable');

/** The largest answer, bytes. */
const largest = 1_048_576;

/** The failure of a service that identifies users: it does not answer as it should, for any user. */
export const misanswer = (option: string, what: string, cause?: unknown): TidingsError =>
  new TidingsError('unavailable', `the user cannot be determined now: ${option} ${what}`, { cause });

/**
 * Asks an address for JSON; the body is undefined if the status is an error's. Throws `unavailable` that says what it did instead:
 * nothing, a redirect, no JSON, or too much of it.
 */
export async function askJson(url: string, question: Question): Promise<{ status: number; body: unknown }> {
  const { option, accept, credentials = {}, timeoutMs } = question;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await http.request(url, { method: 'GET', headers: { accept, ...credentials }, signal });
    const status = answer.statusCode ?? 0;
    const isGood = status >= 200 && status < 300;
    if (!isGood) answer.destroy();
    if (status >= 300 && status < 400) throw misanswer(option, `answers ${status}, a redirect, which is not followed`);
    if (!isGood) return { status, body: undefined };
    return { status, body: parse(await textOf(answer, option), option, status) };
  } catch (error) {
    if (error instanceof TidingsError) throw error;
    throw misanswer(
      option,
      signal.aborted ? `does not answer within ${timeoutMs / 1_000} s` : 'does not answer',
      error,
    );
  }
}

/** The text of an answer, which is given up where it does not end. */
async function textOf(answer: IncomingMessage, option: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop ends the answer.
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > largest) throw misanswer(option, 'answers more than 1 MiB');
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parse(text: string, option: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw misanswer(option, `answers ${status} without JSON`, error);
  }
}
