import { TidingsError } from '@tidings/protocol';
import { askJson, type JsonAnswer, Misanswer, type Question, serviceClient } from '../http-client/ask-json.ts';

const http = serviceClient();

/** Time limit of a request that finds out a user, ms. */
export const defaultTimeoutMs = 5_000;

/**
 * The failure of a service that identifies users: it does not answer as it should, for any user.
 *
 * @param option the option that has the address, as `auth.url (--auth-url)`: errors, which callers see, name it in place of the address
 */
export const badAnswer = (option: string, what: string, cause?: unknown): TidingsError =>
  new TidingsError('unavailable', `the user cannot be determined now: ${option} ${what}`, { cause });

/** Asks a service that identifies users. @throws TidingsError `unavailable` where it does not answer as it should */
export async function askService(option: string, url: string, question: Question): Promise<JsonAnswer> {
  try {
    return await askJson(http, url, question);
  } catch (error) {
    if (!(error instanceof Misanswer)) throw error;
    throw badAnswer(option, error.message, error.cause);
  }
}
