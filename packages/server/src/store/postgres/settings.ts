/** Settings by name, each as an SQL expression. */
export type Settings = Record<string, string>;

/** Time limit of one statement on the server, ms. */
const statementTimeout = 10_000;

/** Commits are acknowledged only once they are on the disk, whatever the server's default is. */
const durable = `case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end`;

/**
 * Settings of a transaction that writes. Plans are made once: every statement reads a range of an index or a few rows by their keys,
 * whatever the statistics of fast-growing tables are.
 */
export const ofTransaction: Settings = {
  lock_timeout: "'5000'",
  plan_cache_mode: "'force_generic_plan'",
  jit: "'off'",
  enable_seqscan: "'off'",
  // Of a table that has grown since its statistics were made they would read all for one row.
  enable_hashjoin: "'off'",
  enable_mergejoin: "'off'",
  synchronous_commit: durable,
};

/** Says that a session has its settings, see functions/settings.ts. */
export const settingsMark = 'tidings.has_settings';

export const writing: Settings = {
  ...ofTransaction,
  statement_timeout: `'${statementTimeout}'`,
  idle_in_transaction_session_timeout: `'${statementTimeout}'`,
  // A role or a database may have other defaults, with which no commit could work.
  default_transaction_read_only: "'off'",
  default_transaction_isolation: "'read committed'",
  [settingsMark]: "'on'",
};

export const reading: Settings = {
  ...writing,
  ...{ enable_bitmapscan: "'off'", enable_sort: "'off'", enable_material: "'off'" },
};

/** Statements that make settings, as one: `isLocal` for those that end with the transaction. */
export const settingsQuery = (settings: Settings, isLocal: boolean): string =>
  `set_config(name, value, ${isLocal}) from (values ${Object.entries(settings).map(([name, value]) => `('${name}', ${value})`)}) s (name, value)`;
