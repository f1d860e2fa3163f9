import { TidingsError } from '@tidings/protocol';
import type { Sender } from '@tidings/sender';

/**
 * Calls one of the sender's functions by its name, as `wsSendMessage` or `tasks.report`, for the test page in development.
 * A function that never throws returns nothing on a failure: its reason is then asked for.
 */
export async function callByName(sender: Sender, name: string, args: unknown[]): Promise<unknown> {
  const functions: Record<string, unknown> = { ...sender };
  for (const group of ['tasks', 'notifications', 'users', 'rooms'] as const) {
    for (const [own, run] of Object.entries(sender[group])) functions[`${group}.${own}`] = run;
  }
  const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (typeof call !== 'function' || name === 'close') {
    throw new TidingsError('bad_request', `the sender has no function ${JSON.stringify(name)}`);
  }
  const returned: unknown = await call(...args);
  if (returned === false || returned === 0)
    throw sender.lastError() ?? new TidingsError('internal', 'nothing was sent');
  return returned;
}
