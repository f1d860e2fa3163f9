import { expect, test } from 'vitest';
import { Answers } from './answers.ts';
import { sqliteStatements } from './statements.ts';
import { Thread } from './thread.ts';

/** A thread whose module is this text. */
const running = (text: string, onDeath: (error: Error) => void) =>
  new Thread<never>(
    new URL(`data:text/javascript,${encodeURIComponent(text)}`),
    { path: '', statements: sqliteStatements },
    onDeath,
  );

const listening =
  "import { parentPort } from 'node:worker_threads'; parentPort.on('message', (m) => { if (m.end) throw new Error('out'); });";

test('a thread that ends answers all that is under way, and all that comes later, with an error that may be retried', async () => {
  const answers = new Answers();
  const thread = running(listening, (error) => answers.fail(error));
  const underWay = answers.ask((id) => thread.post({ id }));
  const last = answers.ask((id) => thread.post({ id, end: true }));
  await expect(underWay).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(last).rejects.toThrow(/out/);
  await expect(answers.ask((id) => thread.post({ id }))).rejects.toMatchObject({ code: 'unavailable' });
  expect(answers.death?.message).toBe('out');
  await thread.ended();
});

test('a thread that ends before its first message is an error, not a wait', async () => {
  const first = (text: string) => running(text, () => {}).first();
  await expect(first('process.exit(3)')).rejects.toThrow(/code 3/);
  await expect(first("throw new Error('no such file')")).rejects.toThrow(/no such file/);
});
