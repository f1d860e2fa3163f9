import type { Rolldown } from 'tsdown';
import { sqliteStatements } from '../src/store/sqlite/statements.ts';

/** Puts the statements for SQLite into the build as Kysely compiles them, so that a server starts without it. */
export const compiledStatements: Rolldown.Plugin = {
  name: 'compiled-statements',
  load: {
    filter: { id: /\/store\/sqlite\/statements\.ts$/ },
    handler: () => `export const sqliteStatements = ${JSON.stringify(sqliteStatements)};`,
  },
};
