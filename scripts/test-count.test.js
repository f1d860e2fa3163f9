import { describe, expect, it } from 'vitest';
import { countTests } from './test-count.js';

const file = (/** @type {string} */ status, /** @type {string[]} */ ...tests) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

describe('the count of a test run', () => {
  it('adds up the tests of all files', () => {
    const report = { testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'failed')] };
    expect(countTests(report, 1)).toEqual({ passed: 3, failed: 2 });
  });

  it('counts a file that did not load as one failed', () => {
    expect(countTests({ testResults: [file('failed'), file('passed', 'passed')] }, 1)).toEqual({
      passed: 1,
      failed: 1,
    });
  });

  it('counts a file whose hook threw as one failed', () => {
    expect(countTests({ testResults: [file('failed', 'passed', 'skipped')] }, 1)).toEqual({ passed: 1, failed: 1 });
  });

  it('counts an error outside all tests as one failed', () => {
    expect(countTests({ testResults: [file('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1 });
  });

  it('counts a run that wrote no report as failed', () => {
    expect(countTests(undefined, 0)).toEqual({ passed: 0, failed: 1 });
  });
});
