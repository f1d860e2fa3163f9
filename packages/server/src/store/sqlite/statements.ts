import { statements } from '../statements.ts';
import { sqliteCompiler } from './dialect.ts';

/** Compiled here, in the server's own thread, and handed to the two of the database: to load Kysely costs more than all else of an opening. */
export const sqliteStatements = statements(sqliteCompiler());
