import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepareDatabase } from '../src/store/sqlite/open.ts';

/** One SQLite file with all tables and nothing in them, for the tests of a run to copy. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-template-'));
  const template = join(folder, 'template.db');
  (await prepareDatabase(template)).close();
  provide('sqliteTemplate', template);
  return () => rmSync(folder, { recursive: true, force: true });
}
