import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { type Change, ChangeLine } from './change-line.ts';
import type { HttpCall, HttpClient } from './http-client.ts';
import { PendingCall } from './pending-call.ts';

/** A change that any later one takes in. */
const change = (n: number): Change<unknown> => ({
  ...{ call: { method: 'PATCH', path: `/${n}` }, key: '' },
  read: () => n,
  mergedWith: () => change(n),
});
const pending = () =>
  new PendingCall<unknown>({ clock: systemClock, timeoutMs: 60_000, key: '', lastFailure: () => null });

it('takes in however many reports have come to wait, as in a long outage', async () => {
  const calls: HttpCall[] = [];
  let release = () => {};
  const client: HttpClient = {
    async attempt(call) {
      calls.push(call);
      if (calls.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return { ok: true, value: null as never };
    },
  };
  const line = new ChangeLine('task 7');
  const first = pending();
  line.add({ change: change(0), pending: first });
  const attempt = line.attempt(client);
  const count = 300_000;
  const settled = { isSettled: false, sent() {}, succeed() {}, promise: Promise.resolve() } as never;
  for (let n = 1; n < count; n++) line.add({ change: change(n), pending: settled });
  const last = pending();
  line.add({ change: change(count), pending: last });
  release();
  await attempt;
  await line.attempt(client);
  expect(await Promise.all([first.promise, last.promise])).toEqual([
    { ok: true, result: null },
    { ok: true, result: null },
  ]);
  expect(calls.map(({ path }) => path)).toEqual(['/0', `/${count}`]);
});
