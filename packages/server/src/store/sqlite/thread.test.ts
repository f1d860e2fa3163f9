import { expect, test } from 'vitest';
import { sqliteStatements } from './statements.ts';
import { Thread } from './thread.ts';

/** A thread whose module is this text. */
const running = (text: string) =>
  new Thread(new URL(`data:text/javascript,${encodeURIComponent(text)}`), { path: '', statements: sqliteStatements });

const listening =
  "import { parentPort } from 'node:worker_threads'; parentPort.on('message', (m) => { if (m.end) throw new Error('out'); });";

test('a thread that ends answers all that is under way, and all that comes later, with an error that may be retried', async () => {
  const thread = running(listening);
  thread.listen();
  const underWay = thread.ask((id) => thread.post({ id }));
  const last = thread.ask((id) => thread.post({ id, end: true }));
  await expect(underWay).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(last).rejects.toThrow(/out/);
  await expect(thread.ask((id) => thread.post({ id }))).rejects.toMatchObject({ code: 'unavailable' });
  expect(thread.death?.message).toBe('out');
  await thread.ended();
});

test('a thread that ends before its first message is an error, not a wait', async () => {
  await expect(running('process.exit(3)').first()).rejects.toThrow(/code 3/);
  await expect(running("throw new Error('no such file')").first()).rejects.toThrow(/no such file/);
});
