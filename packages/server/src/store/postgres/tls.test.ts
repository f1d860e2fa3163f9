import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { PostgresServer } from '../../../testing/postgres-server.ts';
import { selfSigned } from '../../../testing/self-signed.ts';
import { put, TempFolder } from '../../../testing/temp-store.ts';
import type { Store } from '../../domain/ports.ts';
import { sqlStore } from '../sql-store.ts';
import { PostgresEngine } from './engine.ts';

const folder = new TempFolder();
const certificate = folder.file('server.pem');
let server: PostgresServer;
beforeAll(async () => {
  writeFileSync(certificate, selfSigned.certificate);
  server = await PostgresServer.start({ tls: selfSigned });
}, 60_000);
afterAll(async () => {
  await server.remove();
  folder.remove();
});

async function opened(url: string): Promise<Store> {
  const store = sqlStore(new PostgresEngine(url));
  onTestFinished(() => store.close());
  await store.open();
  return store;
}

const isEncrypted = async () => {
  const rows = await server.query(
    'postgres',
    "select distinct s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name = 'tidings'",
  );
  return rows.map(({ ssl }) => ssl);
};

test.each(['require', 'prefer', 'allow', 'no-verify'])(
  'sslmode=%s encrypts, whoever signed the certificate',
  async (mode) => {
    const store = await opened(`${server.url('postgres')}?sslmode=${mode}`);
    await store.commit([put()]);
    await store.head();
    expect(await isEncrypted()).toEqual([true]);
  },
);

test.each(['verify-ca', 'verify-full', 'require'])('sslmode=%s trusts whom sslrootcert names', async (mode) => {
  const url = server.url('postgres').replace('127.0.0.1', 'localhost');
  await opened(`${url}?sslmode=${mode}&sslrootcert=${encodeURIComponent(certificate)}`);
  expect(await isEncrypted()).toEqual([true]);
});

test.each([
  [
    'sslmode=verify-full',
    /its certificate is not trusted \(self.signed certificate.*\); name who signed it by sslrootcert=FILE, or take any by sslmode=require$/,
  ],
  ['sslmode=verify-full&sslrootcert=FILE', /its certificate is not trusted \(.*(IP|altname).*\)/i],
])('%s is refused with a sentence', async (query, sentence) => {
  const url = `${server.url('postgres')}?${query.replace('FILE', encodeURIComponent(certificate))}`;
  await expect(opened(url)).rejects.toThrow(sentence);
});

test('a server without TLS is used without it where it is only preferred, and refused with a sentence where it is required', async () => {
  const plain = await PostgresServer.start();
  onTestFinished(() => plain.remove());
  const store = await opened(`${plain.url('postgres')}?sslmode=prefer`);
  await store.commit([put()]);
  expect(await store.head()).toMatchObject({ head: 1 });
  await expect(opened(`${plain.url('postgres')}?sslmode=require`)).rejects.toThrow(
    /the server has no TLS; sslmode=prefer does without it there$/,
  );
});
