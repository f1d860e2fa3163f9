import { type Statements, statements } from '../statements.ts';
import { sqliteCompiler } from './dialect.ts';
import { type SourceStatements, sourceStatements } from './source-statements.ts';

/** The statements of both threads: those of steps, and those that a plan is read with. */
export interface SqliteStatements {
  steps: Statements;
  source: SourceStatements;
}

const compiler = sqliteCompiler();

/** Compiled here, in the server's own thread, and passed to the two database threads: loading Kysely takes longer than the rest of an opening. */
export const sqliteStatements: SqliteStatements = { steps: statements(compiler), source: sourceStatements(compiler) };
