import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Faults of a page that axe-core finds by WCAG 2.2 AA and by its best practices: rule, place and reason, a line each.
 *
 * @param {import('playwright-core').Page} page
 * @param {{ without?: readonly string[], only?: readonly string[] }} [rules] `without`: rules that are about something else than what is
 * tested. `only`: the rules to try, by default all others
 * @returns {Promise<string[]>}
 */
export async function faultsOf(page, { without = [], only } = {}) {
  // By the debugger, since a page's policy may forbid it otherwise.
  if (!(await page.evaluate('!!globalThis.axe'))) await page.evaluate(source);
  /** @type {import('axe-core').RunOptions} */
  const options = {
    resultTypes: ['violations'],
    ...(only && { runOnly: { type: 'rule', values: [...only] } }),
    rules: Object.fromEntries([
      ['target-size', { enabled: true }],
      ...without.map((rule) => [rule, { enabled: false }]),
    ]),
  };
  const found = await page.evaluate((given) => {
    /** @type {{ axe: { run(options: object): Promise<import('axe-core').AxeResults> } }} */
    const { axe } = /** @type {any} */ (globalThis);
    return axe.run(given);
  }, options);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) =>
        `${id}: ${target.flat().join(' ')}: ${failureSummary.split('\n').slice(1).join(' ')}`,
    ),
  );
}
