import { expect, test } from 'vitest';
import { type Phase, transitions } from './machine.ts';

const phases = Object.keys(transitions) as Phase[];

test('disconnect ends whatever is under way, and connect begins anew from every end', () => {
  for (const phase of phases) {
    if (phase !== 'closed') expect(transitions[phase].disconnect, phase).toBe('closed');
  }
  for (const phase of ['idle', 'waiting', 'closed'] as const) expect(transitions[phase].connect).toBe('authorizing');
});

test('every phase of an attempt can fail for now and for good', () => {
  for (const phase of ['authorizing', 'opening', 'catching_up', 'live', 'diagnosing'] as const) {
    expect(transitions[phase]).toMatchObject({ lost: 'waiting', refused: 'closed' });
  }
});

test('every phase can be reached', () => {
  const reached = new Set<Phase | null>(['idle']);
  for (const phase of phases) for (const next of Object.values(transitions[phase])) reached.add(next);
  expect([...reached].filter((phase) => phase !== null).sort()).toEqual([...phases].sort());
});
