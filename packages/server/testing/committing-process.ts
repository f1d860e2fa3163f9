import { createInterface } from 'node:readline';
import { put, sqliteStore } from './temp-store.ts';

/** A process that owns the database it is given, commits the writes that it reads, one a line, and answers after each. */
const store = sqliteStore(process.argv[2] as string);
await store.open();
console.log(JSON.stringify({ opened: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const { id, key } = JSON.parse(line) as { id: string; key: string };
  const [outcome] = await store.commit([put({ id, key: { key, hash: 'h' } })]);
  console.log(JSON.stringify(outcome));
}
