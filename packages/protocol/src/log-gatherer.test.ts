import { describe, expect, it } from 'vitest';
import { TidingsError } from './errors.ts';
import { LogGatherer } from './log-gatherer.ts';
import type { TaskLogLine } from './wire/tasks.ts';

/** A gatherer whose time stands still until it is told. */
function gatherer(send?: (entries: TaskLogLine[]) => Promise<unknown>) {
  const sent: TaskLogLine[][] = [];
  const timers = new Set<() => void>();
  const clock = {
    now: () => 1_700_000_000_000,
    after(ms: number, call: () => void) {
      expect(ms).toBe(50);
      timers.add(call);
      return () => timers.delete(call);
    },
  };
  const log = new LogGatherer({
    clock,
    async send(entries) {
      sent.push(entries);
      await send?.(entries);
    },
  });
  const pass = () => {
    for (const call of [...timers]) if (timers.delete(call)) call();
  };
  return { log, sent, pass, texts: () => sent.flat().map(({ text }) => text) };
}

describe('gathering the log of a task', () => {
  it('sends together what comes within 50 ms, and makes chunks that follow each other one', async () => {
    const { log, sent, pass } = gatherer();
    const at = '2023-11-14T22:13:20.000Z';
    const stored = [log.chunk('a', 'info'), log.chunk('b', 'info'), log.line('c', 'warn'), log.chunk('d', 'error')];
    expect(sent).toEqual([]);
    pass();
    await Promise.all(stored);
    expect(sent).toEqual([
      [
        { text: 'ab', kind: 'chunk', level: 'info', at },
        { text: 'c', kind: 'line', level: 'warn', at },
        { text: 'd', kind: 'chunk', level: 'error', at },
      ],
    ]);
    expect(log.isIdle).toBe(true);
  });

  it('sends what is much at once, in several entries, and one batch after the other', async () => {
    const ends: (() => void)[] = [];
    const { log, sent } = gatherer(() => new Promise<void>((resolve) => ends.push(resolve)));
    const text = '🦉'.repeat(30_000);
    const stored = log.chunk(text, 'info');
    expect(sent).toHaveLength(1);
    const all = log.flush();
    while (!log.isIdle) {
      expect(ends.length).toBeLessThan(2);
      ends.pop()?.();
      await Promise.resolve();
    }
    await Promise.all([stored, all]);
    expect(
      sent
        .flat()
        .map((entry) => entry.text)
        .join(''),
    ).toBe(text);
    for (const { text } of sent.flat()) {
      expect(text.length).toBeLessThanOrEqual(16_384);
      expect(text.isWellFormed()).toBe(true);
    }
  });

  it('puts a character together whose halves came in two chunks, and keeps one that stays half as no character', async () => {
    const { log, texts } = gatherer();
    log.chunk('a\ud83e', 'info');
    log.chunk('\udd89b', 'info');
    log.chunk('c\ud83e', 'info');
    log.line('line', 'info');
    log.chunk('\ud83e', 'warn');
    await log.flush();
    expect(texts()).toEqual(['a🦉bc\ufffd', 'line', '\ufffd']);
  });

  it('answers each caller by what became of its entries, and goes on', async () => {
    const { log, texts } = gatherer(async ([entry]) => {
      if (entry?.text === 'bad') throw new Error('refused');
    });
    const bad = log.line('bad', 'info');
    // Nobody listens to this one, which disturbs nobody.
    void log.line('beside', 'info');
    await log.flush();
    await expect(bad).rejects.toThrow('refused');
    const good = log.line('good', 'info');
    await log.flush();
    await good;
    expect(texts()).toEqual(['bad', 'beside', 'good']);
  });

  it('sends the entries of a batch one by one if one of them is too large, and refuses only that one', async () => {
    const { log, sent } = gatherer(async (entries) => {
      if (entries.some(({ text }) => text === 'large')) throw new TidingsError('payload_too_large', 'too large');
    });
    const all = [log.line('a', 'info'), log.line('large', 'info'), log.chunk('b', 'info'), log.chunk('c', 'info')];
    await log.flush();
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    ]);
    expect(sent.map((entries) => entries.map(({ text }) => text))).toEqual([
      ['a', 'large', 'bc'],
      ...[['a'], ['large'], ['bc']],
    ]);
  });

  it('drops what comes while 4 MiB wait, and says so in its place', async () => {
    let end = (): void => {};
    const { log, texts } = gatherer(() => new Promise<void>((resolve) => (end = resolve)));
    const chunk = 'x'.repeat(16_000);
    let refused: unknown = null;
    let kept = -1;
    for (; !refused; kept++) {
      const stored = log.line(chunk, 'info');
      stored.catch((error) => (refused = error));
      // The refusal of one is known before the next is added.
      for (let n = 0; n < 5; n++) await Promise.resolve();
    }
    expect(refused).toMatchObject({ code: 'too_many' });
    end();
    while (texts().length < 6) await Promise.resolve();
    log.line('after', 'info').catch(() => {});
    const flushed = log.flush();
    while (!log.isIdle) {
      end();
      await Promise.resolve();
    }
    await flushed;
    expect(texts().slice(kept)).toEqual([expect.stringMatching(/^16000 characters of the log were dropped/), 'after']);
  });

  it('says that something was dropped even if nothing comes after it', async () => {
    const { log, texts } = gatherer();
    let dropped = 0;
    for (let size = 0; size < 4_400_000; size += 16_100) {
      log.line('x'.repeat(16_000), 'info').catch(() => dropped++);
    }
    await log.flush();
    expect(dropped).toBeGreaterThan(0);
    expect(texts().at(-1)).toMatch(new RegExp(`^${dropped * 16_000} characters of the log were dropped`));
    expect(texts().filter((text) => text.includes('dropped'))).toHaveLength(1);
    expect(log.isIdle).toBe(true);
  });
});
