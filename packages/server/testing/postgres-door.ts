import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { openDoor } from '../../../testing/door.ts';
import { PostgresAddress } from '../src/store/postgres/address.ts';
import { prepareDatabase } from '../src/store/postgres/prepare.ts';
import { PostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresDoor: number;
    databaseDoor: number;
  }
}

/**
 * One PostgreSQL for a whole run of tests, started when the first of them asks for it. Tests run in processes of their
 * own, so they ask at a loopback port: one answers with the server's address, the other with that of a database that is made
 * for who asks, and goes with the server.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | undefined;
  const running = () => {
    server ??= startWithTemplate();
    return server;
  };
  const doors = [
    await openDoor(async () => (await running()).url('')),
    await openDoor(async () => makeDatabase(await running())),
  ] as const;
  provide('postgresDoor', doors[0].port);
  provide('databaseDoor', doors[1].port);
  return async () => {
    for (const door of doors) door.close();
    await (await server?.catch(() => undefined))?.remove();
  };
}

/** Makes a database that is a copy of another. The files are copied; through the log, as by default, takes twice the CPU time. */
export const copyStatement = (name: string, template: string): string =>
  `create database ${name} template ${template} strategy file_copy`;

/** The database that others are copies of: with all tables and nothing in them. */
export const templateName = 'tidings_template';

async function startWithTemplate(): Promise<PostgresServer> {
  const server = await PostgresServer.start({ isDurable: false });
  await server.query('postgres', `create database ${templateName}`);
  await prepareDatabase(new PostgresAddress(server.url(templateName)));
  return server;
}

async function makeDatabase(server: PostgresServer): Promise<string> {
  const name = `t_${randomBytes(8).toString('hex')}`;
  await server.query('postgres', copyStatement(name, templateName));
  return server.url(name);
}
