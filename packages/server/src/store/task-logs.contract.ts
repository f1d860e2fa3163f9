import { describe, expect, test } from 'vitest';
import type { OpenStore } from '../../testing/store-fixture.ts';
import type { LogEntry, NewLogBlock, TaskLogStore } from '../domain/store/task-logs.ts';

const entry = (text: string, more: Partial<LogEntry> = {}): LogEntry => ({
  ...{ kind: 'line', level: 'info', at: 1_700_000_000_000, text, ...more },
});
const block = (task: string, texts: readonly string[], more: Partial<NewLogBlock> = {}): NewLogBlock => ({
  ...{ task, attempt: 1, entries: texts.map((text) => entry(text)), bytes: 10, once: null, ...more },
});
const dropped = entry('gone', { kind: 'dropped', level: 'warn' });

async function texts(store: TaskLogStore, task: string, after = 0): Promise<[number, number, string[]][]> {
  const { blocks } = await store.taskLog(task, `task:${task}`, after);
  return blocks.map(({ firstSeq, seq, entries }) => [firstSeq, seq, entries.map(({ text }) => text)]);
}

/** The logs of tasks. */
export function taskLogsContract(start: OpenStore): void {
  describe('logs of tasks', () => {
    test.concurrent('entries of a log are counted on their own, whatever text they have', async ({
      onTestFinished,
    }) => {
      const { store, again } = await start(onTestFinished);
      const [a, b] = ['b "ü" 🦉', 'a'];
      const { head } = await store.head();
      expect(await store.addTaskLog(block(a, ['"\\ \u0001 0 \u001b[31m', '🦉']))).toEqual({
        seq: 2,
        isDuplicate: false,
      });
      expect(await store.addTaskLog(block(b, ['']))).toEqual({ seq: 1, isDuplicate: false });
      expect(await store.addTaskLog(block(a, ['x'], { attempt: 2 }))).toEqual({ seq: 3, isDuplicate: false });
      expect((await store.head()).head).toBe(head);
      const opened = await again();
      expect(await texts(opened, a)).toEqual([
        [1, 2, ['"\\ \u0001 0 \u001b[31m', '🦉']],
        [3, 3, ['x']],
      ]);
      expect(await texts(opened, a, 1)).toHaveLength(2);
      expect(await texts(opened, a, 2)).toEqual([[3, 3, ['x']]]);
      expect(await texts(opened, a, 3)).toEqual([]);
      const { blocks, record } = await opened.taskLog(a, `task:${a}`, 2);
      expect([blocks[0]?.attempt, blocks[0]?.entries, record]).toEqual([2, [entry('x')], null]);
      expect(await opened.taskLogHeads([a, b, 'c'])).toEqual(
        new Map([
          [a, 3],
          [b, 1],
        ]),
      );
    });

    test.concurrent('blocks that two nodes store at once all have numbers, without gaps', async ({
      onTestFinished,
    }) => {
      const opened = await start(onTestFinished);
      const stores = [opened.store, await opened.another()];
      const given = await Promise.all(
        Array.from({ length: 40 }, (_, i) => (stores[i % 2] as TaskLogStore).addTaskLog(block('t', [`${i}`, `${i}`]))),
      );
      expect(given.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_, i) => 2 * i + 2),
      );
      const all = await texts(opened.store, 't');
      expect(new Set(all.flatMap(([, , [text]]) => text)).size).toBe(40);
      expect(all.map(([firstSeq]) => firstSeq)).toEqual(Array.from({ length: 40 }, (_, i) => 2 * i + 1));
    });

    test.concurrent('a block that is stored again under its key is stored once', async ({ onTestFinished }) => {
      const opened = await start(onTestFinished);
      const { store } = opened;
      expect(await store.addTaskLog(block('t', ['a', 'b'], { once: 'k' }))).toEqual({ seq: 2, isDuplicate: false });
      await store.addTaskLog(block('t', ['c']));
      const other = await opened.another();
      expect(await other.addTaskLog(block('t', ['a', 'b'], { once: 'k' }))).toEqual({ seq: 2, isDuplicate: true });
      expect(await store.addTaskLog(block('u', ['a'], { once: 'k' }))).toEqual({ seq: 1, isDuplicate: false });
      const both = await Promise.all(
        [store, other].map((one) => one.addTaskLog(block('t', ['d'], { once: 'at once' }))),
      );
      expect(both.map(({ seq }) => seq)).toEqual([4, 4]);
      expect((await texts(store, 't')).flatMap(([, , all]) => all)).toEqual(['a', 'b', 'c', 'd']);
    });

    test.concurrent('the middle of a log gives way to one entry, and its size is that of the rest', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      for (let n = 1; n <= 10; n++) await store.addTaskLog(block('t', [`${n}`, `${n}`]));
      const size = async () => (await store.taskLogSize('t', 'task:t')).bytes;
      expect(await size()).toBe(100);
      expect(await store.middleOfTaskLog('t', { head: 100, tail: 0 })).toBeNull();
      expect(await store.middleOfTaskLog('none', { head: 0, tail: 0 })).toBeNull();
      const range = await store.middleOfTaskLog('t', { head: 20, tail: 50 });
      expect(range).toEqual({ firstSeq: 5, seq: 10, bytes: 30 });
      if (range) await store.dropFromTaskLog('t', range, dropped);
      expect(await size()).toBe(70);
      expect((await texts(store, 't')).slice(1, 4)).toEqual([
        [3, 4, ['2', '2']],
        [5, 10, ['gone']],
        [11, 12, ['6', '6']],
      ]);
      expect(await texts(store, 't', 7)).toHaveLength(6);
      expect(await store.middleOfTaskLog('t', { head: 20, tail: 50 })).toBeNull();
      await store.addTaskLog(block('t', ['11']));
      const next = await store.middleOfTaskLog('t', { head: 20, tail: 50 });
      expect(next).toEqual({ firstSeq: 5, seq: 12, bytes: 40 });
      // The first one once more, as by a node that was slow.
      if (next) await store.dropFromTaskLog('t', next, dropped);
      if (range) await store.dropFromTaskLog('t', range, dropped);
      expect([await size(), (await texts(store, 't'))[2]]).toEqual([70, [5, 12, ['gone']]]);
    });

    test.concurrent('what is old goes, and the numbers go on', async ({ onTestFinished }) => {
      const { store, clock } = await start(onTestFinished);
      await store.addTaskLog(block('t', ['a', 'b']));
      await store.addTaskLog(block('u', ['a']));
      clock.now += 1_000;
      const before = clock.now;
      await store.addTaskLog(block('u', ['b']));
      expect(await store.oldTaskLogs(before - 1_000, 10)).toEqual([]);
      expect((await store.oldTaskLogs(before, 10)).sort()).toEqual(['t', 'u']);
      for (const task of ['t', 'u']) {
        const range = await store.oldOfTaskLog(task, before);
        if (range) await store.dropFromTaskLog(task, range, dropped);
      }
      expect(await store.oldTaskLogs(before, 10)).toEqual([]);
      expect(await store.oldOfTaskLog('t', before)).toBeNull();
      expect(await texts(store, 't')).toEqual([[1, 2, ['gone']]]);
      expect(await texts(store, 'u')).toEqual([
        [1, 1, ['gone']],
        [2, 2, ['b']],
      ]);
      expect(await store.addTaskLog(block('t', ['c']))).toEqual({ seq: 3, isDuplicate: false });
    });

    test.concurrent('a page of a log ends where it is large', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      for (const letter of ['a', 'b', 'c']) {
        await store.addTaskLog(block('t', [letter.repeat(300_000)], { bytes: 300_000 }));
      }
      const first = await store.taskLog('t', 'task:t', 0);
      expect([first.full, first.blocks.map(({ seq }) => seq)]).toEqual([true, [1, 2]]);
      const second = await store.taskLog('t', 'task:t', 2);
      expect([second.full, second.blocks.map(({ entries }) => entries[0]?.text.length)]).toEqual([false, [300_000]]);
    });
  });
}
