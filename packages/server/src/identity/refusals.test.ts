import { expect, test } from 'vitest';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { Refusals } from './refusals.ts';

function refusals() {
  const clock = { at: 1_000_000 };
  const [waits, said]: [number[], TelemetryEvent[]] = [[], []];
  const made = new Refusals({
    clock: {
      now: () => clock.at,
      monotonic: () => clock.at,
      after(ms, call) {
        waits.push(ms);
        call();
        return () => {};
      },
    },
    telemetry: { emit: (event) => void said.push(event) },
  });
  return { refuse: (address = 'a') => made.refuse('unauthenticated', 'no token came', address), clock, waits, said };
}

test('a client that comes back at once after each refusal is told the next ones half a second apart', async () => {
  const { refuse, clock, waits, said } = refusals();
  let told = 0;
  for (const end = clock.at + 20_000; clock.at < end; told++) {
    const before = waits.length;
    await refuse();
    clock.at += 1 + (waits.length > before ? (waits.at(-1) as number) : 0);
  }
  expect(told).toBeLessThanOrEqual(30 + 40 + 1);
  expect(said.length).toBeLessThanOrEqual(21);
  const repeated = said.map((event) => (event.type === 'connection_refused' ? (event.repeated ?? 0) : 0));
  expect(said.length + repeated.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(told - 4);
});

test('no refusal waits longer than 3 s, and none of another address, nor one after a quiet time, waits', async () => {
  const { refuse, clock, waits } = refusals();
  for (let n = 0; n < 500; n++) await refuse();
  expect(Math.max(...waits)).toBe(3_000);
  const count = waits.length;
  await refuse('b');
  clock.at += 3_600_000;
  await refuse();
  clock.at -= 7_200_000;
  await refuse();
  expect(waits.slice(count).every((ms) => ms <= 3_000)).toBe(true);
  expect(waits.length).toBeLessThanOrEqual(count + 1);
});

test('an address that was quiet for longest is forgotten among ten thousand', async () => {
  const { refuse, waits } = refusals();
  for (let n = 0; n < 60; n++) await refuse('flood');
  const count = waits.length;
  for (let n = 0; n < 10_000; n++) await refuse(`address ${n}`);
  await refuse('flood');
  expect(waits.length).toBe(count);
});

test('whoever changes the address within one IPv6 network is told as slowly', async () => {
  const { refuse, waits } = refusals();
  for (let n = 0; n < 60; n++) await refuse(`2001:db8::${n}`);
  expect(waits.length).toBeGreaterThan(20);
  const count = waits.length;
  await refuse('2001:db8:0:1::1');
  expect(waits.length).toBe(count);
});
