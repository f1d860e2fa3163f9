import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds wrong with a page by WCAG 2.2 AA and by its best practices: the rule, where, and why, a line each.
 *
 * @param without rules that are about something else than what is tested
 */
export async function faultsOf(page: Page, without: readonly string[] = []): Promise<string[]> {
  // By the debugger, since a page's policy may forbid it otherwise.
  if (!(await page.evaluate('!!globalThis.axe'))) await page.evaluate(source);
  const options: RunOptions = {
    resultTypes: ['violations'],
    rules: Object.fromEntries([
      ['target-size', { enabled: true }],
      ...without.map((rule) => [rule, { enabled: false }]),
    ]),
  };
  const found = await page.evaluate((given) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return axe.run(given);
  }, options);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) =>
        `${id}: ${target.flat().join(' ')}: ${failureSummary.split('\n').slice(1).join(' ')}`,
    ),
  );
}
