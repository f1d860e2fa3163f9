import Database from 'better-sqlite3';
import pg from 'pg';
import { expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { TestDatabase } from '../../testing/postgres.ts';
import { event, sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import type { Store } from '../domain/ports.ts';
import { retractedRecord } from '../domain/room-events.ts';
import { postgresCompiler } from './postgres/dialect.ts';
import { storedTopics } from './room-reads.ts';
import { sqliteCompiler } from './sqlite/dialect.ts';
import { statements } from './statements.ts';
import { valuesOf } from './steps.ts';

const topic = 'room:project:12';
const names = ['roomEvents', 'exceedingEvents', 'roomState'] as const;
const params = {
  ...{ topic, topics: storedTopics(topic), userId: '1', defaultStart: 0, limit: 20 },
  ...{ before: Number.MAX_SAFE_INTEGER, newest: 10 },
};

/** A room of 30 events, after which 2,000 others were retracted: they are the newest records of the room. */
async function fillRoom(store: Store): Promise<void> {
  const kept = Array.from({ length: 30 }, (_, n) => event(`kept${n}`, topic));
  const others = Array.from({ length: 2_000 }, (_, n) => event(`e${n}`, topic));
  await store.commit([...kept, ...others]);
  const stored = await Promise.all(others.map(({ id }) => store.record(id)));
  await store.commit(stored.flatMap((one) => (one ? [retractedRecord(one, 2_000)] : [])));
  const view = { topic, userId: '1', isGranted: true, before: null, limit: 100 };
  expect((await store.roomEvents(view)).events).toHaveLength(30);
}

test('on SQLite the events of a room are found by their index, however many were retracted', async ({
  onTestFinished,
}) => {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const file = prepared(folder.file());
  const store = sqliteStore(file);
  await store.open();
  await fillRoom(store);
  await store.close();
  const database = new Database(file);
  onTestFinished(() => void database.close());
  const compiled = statements(sqliteCompiler());
  for (const name of names) {
    const plan = database.prepare(`explain query plan ${compiled[name].sql}`);
    const steps = plan.all(...valuesOf(compiled[name], params)).map((row) => (row as { detail: string }).detail);
    const index = name === 'roomState' ? 'records_of_room_state' : 'records_of_room_events';
    expect(steps.join('\n'), name).toContain(`USING INDEX ${index} (topics=?`);
    expect(steps.join('\n'), name).not.toMatch(/SCAN (r|t)\b/);
  }
});

/** A node of a plan of PostgreSQL, as `explain` gives it. */
interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** The rows of the tables of records that a plan has looked at. */
function rowsRead(node: PlanNode): number {
  const isRecords = ['records', 'record_topics'].includes(node['Relation Name'] ?? '');
  const own = isRecords ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'] : 0;
  return (node.Plans ?? []).reduce((sum, one) => sum + rowsRead(one), own);
}

test('on PostgreSQL a read of a room looks at as many rows as it brings, however many were retracted', async ({
  onTestFinished,
}) => {
  const database = await TestDatabase.create();
  onTestFinished(() => database.drop());
  const store = database.store();
  await store.open();
  await fillRoom(store);
  await store.close();
  const client = new pg.Client(database.url);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('set plan_cache_mode = force_generic_plan');
  const compiled = statements(postgresCompiler());
  for (const hasStatistics of [false, true]) {
    if (hasStatistics) await client.query('analyze');
    for (const name of names) {
      const { sql } = compiled[name];
      const { rows } = await client.query(`explain (analyze, format json) ${sql}`, valuesOf(compiled[name], params));
      const read = rowsRead(rows[0]['QUERY PLAN'][0].Plan);
      expect(read, `${name} ${hasStatistics}`).toBeLessThanOrEqual(30);
    }
  }
});
