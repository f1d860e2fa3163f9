import { expect, test } from 'vitest';
import { phaseOf } from './job-status.ts';

test.each([
  'WAIT',
  'READY',
  'RUNNING',
  'COMPLETED',
  'PAUSED',
  'BLOCKED',
  'PENDING_VALIDATION',
  'CANCELLING',
  'UNHEARD_OF',
])('%s is not final', (status) => expect(phaseOf(status)).toBe('running'));

test('tells the final words apart', () => {
  const words = ['SUCCEEDED', 'WARNING', 'ERROR', 'CANCELLED', 'Canceled', 'EXPIRED', 'VALIDATION_FAILED'];
  expect(words.map(phaseOf)).toEqual(['succeeded', 'warning', 'failed', 'failed', 'failed', 'failed', 'failed']);
});

test('knows the words that wait for a person', () => {
  expect([phaseOf('HOLD'), phaseOf('ERROR_MANUAL_RECOVERY')]).toEqual(['held', 'held']);
});
