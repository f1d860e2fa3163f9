/**
 * The result of a test run. A failure outside a test counts as one failed: a file that did not load, a hook
 * that threw, an error that nobody caught, a run that ended early.
 * @param {{ testResults: { status: string, assertionResults: { status: string }[] }[] } | undefined} report
 *   vitest's JSON report; undefined if it wrote none
 * @param {number} exitCode vitest's
 * @returns {{ passed: number, failed: number }}
 */
export function countTests(report, exitCode) {
  let passed = 0;
  let failed = 0;
  for (const file of report?.testResults ?? []) {
    const failedHere = file.assertionResults.filter(({ status }) => status === 'failed').length;
    passed += file.assertionResults.filter(({ status }) => status === 'passed').length;
    failed += file.status === 'failed' ? Math.max(failedHere, 1) : failedHere;
  }
  if (failed === 0 && (exitCode !== 0 || !report)) failed = 1;
  return { passed, failed };
}
