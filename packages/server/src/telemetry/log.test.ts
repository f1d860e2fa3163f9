import { pino } from 'pino';
import { expect, test } from 'vitest';
import { logSink } from './log.ts';

/** A sink over a log, its time and the lines that were written. */
function logging() {
  const lines: { level: number; msg: string; where?: string; repeated?: number; err?: { stack: string } }[] = [];
  const time = { now: 1_000 };
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { sink: logSink(logger, () => time.now), lines, time };
}

test('a failure that each request has is written once a second, with the number that were left out', () => {
  const { sink, lines, time } = logging();
  const fail = (where: string, message: string) => sink.emit({ type: 'failure', where, error: new Error(message) });
  for (let n = 0; n < 1_000; n++) fail('rooms.url', 'no answer within 2 s');
  fail('rooms.url', 'answers 500');
  fail('documents', 'no answer within 2 s');
  time.now += 1_000;
  fail('rooms.url', 'no answer within 2 s');
  expect(lines.map(({ where, msg, repeated }) => [where, msg, repeated])).toEqual([
    ['rooms.url', 'no answer within 2 s', undefined],
    ['rooms.url', 'answers 500', undefined],
    ['documents', 'no answer within 2 s', undefined],
    ['rooms.url', 'no answer within 2 s', 999],
  ]);
  expect(lines[0]?.err?.stack).toContain('log.test.ts');
});

test('events that are no failures are all written', () => {
  const { sink, lines } = logging();
  for (let n = 0; n < 3; n++) sink.emit({ type: 'broker_connected', broker: 'b' });
  expect(lines.map(({ msg }) => msg)).toEqual(Array.from({ length: 3 }, () => 'broker connected'));
});
