import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PgBouncer, type PoolMode } from '../../../testing/pgbouncer.ts';
import { TestDatabase } from '../../../testing/postgres.ts';
import { put } from '../../../testing/temp-store.ts';
import { useAll } from '../../../testing/use-all.ts';
import type { Store } from '../../domain/ports.ts';
import { sqlStore } from '../sql-store.ts';
import { PostgresAddress } from './address.ts';
import { connectionOptions, PostgresClient } from './client.ts';
import { PostgresEngine } from './engine.ts';
import { writing } from './settings.ts';

const cleanups: (() => unknown)[] = [];
let database: TestDatabase;
beforeEach(async () => {
  database = await TestDatabase.createEmpty();
  cleanups.push(() => database.drop());
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function behind(mode: PoolMode): Promise<string> {
  const pooler = await PgBouncer.start(database.url, mode);
  cleanups.push(() => pooler.stop());
  return pooler.url(database.url);
}

async function opened(url: string): Promise<Store> {
  const store = sqlStore(new PostgresEngine(url));
  cleanups.push(() => store.close());
  await store.open();
  return store;
}

/** The settings that an application finds on each connection that it gets after us. */
async function leftBehind(url: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  cleanups.push(() => client.end());
  const found: unknown[] = [];
  for (let n = 0; n < 8; n++) {
    const { rows } = await client.query(`
      select 'setting' as what, name from pg_settings where source = 'session' and name not in
        ('client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'application_name')
      union all select 'marked', '' where current_setting('tidings.has_settings', true) = 'on'
      union all select 'statement', name from pg_prepared_statements
      union all select 'lock', objid::text from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())`);
    found.push(...rows);
  }
  return found;
}

describe.each<PoolMode>(['transaction', 'session'])('behind a pooler of mode %s', (mode) => {
  test('two nodes that open an empty database at once do all that a server does, and leave nothing on its connections', async () => {
    const url = await behind(mode);
    const [one, other] = (await Promise.all([opened(url), opened(url)])) as [Store, Store];
    await useAll(one);
    const sent = [one, other].flatMap((store, node) =>
      Array.from({ length: 40 }, (_, n) => {
        const id = `${node}-${n}`;
        return store.commit([put({ id, key: { key: id, hash: 'h' } })]);
      }),
    );
    const reads = Array.from({ length: 40 }, () => other.counts('1'));
    const outcomes = (await Promise.all(sent)).flat();
    await Promise.all(reads);
    expect(new Set(outcomes.map((outcome) => (outcome as { rev: number }).rev)).size).toBe(80);
    expect(await other.commit([put({ id: 'again', key: { key: '0-7', hash: 'h' } })])).toMatchObject([
      { status: 'duplicate', id: '0-7' },
    ]);
    expect(await one.head()).toMatchObject({ head: 82, term: (await other.head()).term });
    await Promise.all([one.probe(), other.probe()]);
    expect(one.health()).toEqual({ ok: true, reason: null });
    expect(await leftBehind(url)).toEqual([]);
  });

  test('commits are on the disk before they are answered, and wait for a lock no longer than they may', async () => {
    await database.query(`alter database ${database.name} set synchronous_commit = off`);
    const store = await opened(await behind(mode));
    await database.query(`
      create table seen (settings text);
      create function note() returns trigger language plpgsql as $$ begin
        insert into seen values (concat_ws(' ', current_setting('synchronous_commit'), current_setting('lock_timeout'),
          current_setting('plan_cache_mode')));
        return new;
      end $$;
      create trigger note before update on sequence for each row execute function note();
      create trigger note before insert on revocations for each row execute function note()`);
    await store.commit([put()]);
    await store.revoke({ kind: 'user', value: '7', reason: 'left', at: 1 });
    const expected = { settings: 'on 5s force_generic_plan' };
    expect(await database.query('select * from seen')).toEqual([expected, expected]);
  });
});

test('a pooler that gives each statement to another connection is refused with a sentence', async () => {
  await expect(opened(await behind('statement'))).rejects.toThrow(
    /cannot be opened: a pooler gives each statement to another connection \(pool_mode = statement\).*use pool_mode = transaction/,
  );
});

test.each([
  [
    'default_transaction_read_only = on',
    /read_only = on for this user, .*alter role \.\.\. set default_transaction_read_only = off$/,
  ],
  ["default_transaction_isolation = 'serializable'", /isolation = serializable for this user, .* = 'read committed'$/],
])('what cannot be set behind a pooler is named: %s', async (setting, sentence) => {
  await database.query(`alter database ${database.name} set ${setting}`);
  await expect(opened(await behind('transaction'))).rejects.toThrow(sentence);
});

test('options of the URL, which a pooler does not pass on, are named, and what does the same', async () => {
  const url = await behind('transaction');
  await expect(opened(`${url}?options=-csearch_path%3Dx`)).rejects.toThrow(
    /does not pass on "options".*alter role .* set search_path/,
  );
});

test('a direct connection names its statements and keeps its settings', async () => {
  const direct = new PostgresClient(connectionOptions(new PostgresAddress(database.url)));
  await direct.connect();
  cleanups.push(() => direct.end());
  await direct.applySettings(writing);
  expect(direct.isDirect).toBe(true);
  await direct.query({ name: 'one', text: 'select 1' });
  const { rows } = await direct.query('select name, current_setting($1) as mode from pg_prepared_statements', [
    'plan_cache_mode',
  ]);
  expect(rows).toContainEqual({ name: 'one', mode: 'force_generic_plan' });
});
