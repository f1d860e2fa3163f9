import { expect, test } from 'vitest';
import { flattenJobs, readExecutionDetails } from './execution-details.ts';

const job = (id: string, more: object = {}) => ({
  JOBNAME: 'Job',
  JOBPATH: '/p',
  REQUESTID: id,
  STATUS: 'SUCCEEDED',
  ...more,
});

function idsIn(jobs: unknown): string[] | undefined {
  const node = readExecutionDetails(JSON.stringify({ JOBS: jobs }));
  return node && flattenJobs(node).map(({ requestId }) => requestId);
}

test('reads no child, one child as an object, and several as a list', () => {
  expect(idsIn(job('1'))).toEqual(['1']);
  expect(idsIn(job('1', { CHILD: job('2', { CHILD: job('3') }) }))).toEqual(['1', '2', '3']);
  expect(idsIn(job('1', { CHILD: [job('2'), job('3')] }))).toEqual(['1', '2', '3']);
});

test('takes request ids that are numbers', () => {
  expect(idsIn({ ...job('1'), REQUESTID: 7 })).toEqual(['7']);
});

test('is undefined for anything else', () => {
  expect(readExecutionDetails('SUCCEEDED')).toBeUndefined();
  expect(readExecutionDetails('{"JOBS":{}}')).toBeUndefined();
  expect(readExecutionDetails('{}')).toBeUndefined();
});
