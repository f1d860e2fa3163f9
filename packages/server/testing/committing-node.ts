import { PostgresEngine } from '../src/store/postgres/engine.ts';
import { sqlStore } from '../src/store/sql-store.ts';
import { put } from './temp-store.ts';

/** A node on a shared database that commits in a loop, two batches at a time, and says which revs each was given. */
const [url, name] = process.argv.slice(2) as [string, string];
const store = sqlStore(new PostgresEngine(url));
await store.open();
console.log(JSON.stringify({ opened: true }));

let made = 0;
async function loop(): Promise<void> {
  for (;;) {
    const puts = Array.from({ length: 50 }, () => put({ id: `${name}-${++made}` }));
    const outcomes = await store.commit(puts, { atomic: true });
    console.log(JSON.stringify(outcomes.map((outcome) => (outcome as { rev: number }).rev)));
  }
}
await Promise.all([loop(), loop()]);
