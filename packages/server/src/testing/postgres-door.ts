import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestProject } from 'vitest/node';
import { prepareDatabase } from '../store/postgres/prepare.ts';
import { PostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresDoor: number;
  }
}

/**
 * One PostgreSQL for a whole run of tests, started when the first of them asks for it. Tests run in processes of their
 * own, so they ask at a loopback port, which answers with the server's address.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | undefined;
  const door = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    server ??= startWithTemplate();
    server.then(
      (running) => socket.end(running.url('')),
      (error: Error) => socket.end(error.message),
    );
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  provide('postgresDoor', (door.address() as AddressInfo).port);
  return async () => {
    door.close();
    await (await server?.catch(() => undefined))?.remove();
  };
}

/** The database that others are copies of: with all tables and nothing in them. */
export const templateName = 'tidings_template';

async function startWithTemplate(): Promise<PostgresServer> {
  const server = await PostgresServer.start();
  await server.query('postgres', `create database ${templateName}`);
  await prepareDatabase(server.url(templateName));
  return server;
}
