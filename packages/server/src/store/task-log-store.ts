import type { LogBlock, LogEntry, LogRange, TaskLogStore } from '../domain/store/task-logs.ts';
import { storedOf } from './record-rows.ts';
import { pageOfOne, type RowOf, type SqlDatabase, step } from './steps.ts';

/** The most blocks that are read at once. */
const pageSize = 500;

/** The logs of tasks. */
export const taskLogStore = (database: SqlDatabase): TaskLogStore => ({
  async taskLogSize(task, recordId) {
    const { size, records } = await database.read({
      size: step('taskLogSize', { task }),
      records: step('record', { id: recordId }),
    });
    return { bytes: Number(size[0]?.bytes ?? 0), record: records[0] ? storedOf(records[0]) : null };
  },

  async addTaskLog({ task, attempt, entries, bytes, once }) {
    const at = await database.now();
    const block = { task, attempt, body: JSON.stringify(entries), count: entries.length, bytes, at, once };
    const { added } = await database.write({ added: step('addTaskLog', block) });
    if (added[0]) return { seq: added[0].seq, isDuplicate: false };
    const [earlier] = await database.rows(step('taskLogOnce', { task, once: once ?? '' }));
    return { seq: earlier?.seq ?? 0, isDuplicate: true };
  },

  async taskLog(task, recordId, after) {
    const { found, records } = await database.read({
      found: pageOfOne(step('taskLogBlocks', { task, after, limit: pageSize }), pageSize),
      records: step('record', { id: recordId }),
    });
    const record = records[0] ? storedOf(records[0]) : null;
    return { record, blocks: found.rows.map(blockOf), full: found.full };
  },

  async taskLogHeads(tasks) {
    const rows = await database.rows(step('taskLogHeads', { tasks: JSON.stringify(tasks) }));
    return new Map(rows.flatMap(({ task, head }) => (head === null ? [] : [[task, head]])));
  },

  middleOfTaskLog: async (task, { head, tail }) =>
    rangeOf(await database.rows(step('middleOfTaskLog', { task, head, tail }))),

  oldOfTaskLog: async (task, before) => rangeOf(await database.rows(step('oldOfTaskLog', { task, before }))),

  async dropFromTaskLog(task, { firstSeq, seq, bytes }, entry) {
    // In this order, so that two nodes which remove of the same log wait for each other at its first block, and at no other.
    await database.write({
      removed: step('removeTaskLog', { task, firstSeq, seq }),
      set: step('setDroppedTaskLog', { task, firstSeq, seq, bytes, body: JSON.stringify([entry]) }),
    });
  },

  async oldTaskLogs(before, limit) {
    return (await database.rows(step('oldTaskLogs', { before, limit }))).map(({ task }) => task);
  },
});

const blockOf = ({ seq, first_seq, attempt, body }: RowOf<'taskLogBlocks'>): LogBlock => ({
  ...{ firstSeq: first_seq, seq, attempt },
  entries: JSON.parse(body) as LogEntry[],
});

function rangeOf([row]: readonly RowOf<'middleOfTaskLog'>[]): LogRange | null {
  if (!row || row.seq === null) return null;
  return { firstSeq: row.first_seq as number, seq: row.seq, bytes: row.bytes as number };
}
