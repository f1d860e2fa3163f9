import { expect, test } from 'vitest';
import { ResumeState } from './resume-state.ts';
import { message, synced } from './testing/frames.ts';

function resumeState(cursor: string | null = null): ResumeState {
  const made = new ResumeState(() => undefined);
  made.begin(cursor);
  return made;
}

test('keeps the last cursor that came, in whatever frame, back as well as on', () => {
  const state = resumeState();
  state.apply(message('a', 5, { replayed: true }));
  state.apply(message('b', 8, { snapshot: true }));
  expect(state.cursor).toBeNull();
  state.apply(synced(9));
  expect(state.cursor).toBe('t:9');
  state.apply(message('a', 10));
  state.apply(message('d', 12, { replayed: true }));
  expect(state.cursor).toBe('t:10');
  state.apply({ type: 'ping', cursor: 'u:6' });
  expect(state.cursor).toBe('u:6');
  state.apply(message('a', 10));
  expect(state.cursor).toBe('t:10');
});

test('drops a rev that is held of that record, and no other by the cursor', () => {
  const state = resumeState('t:100');
  expect(state.apply(message('a', 5))).toBe(true);
  expect(state.apply(message('a', 5))).toBe(false);
  expect(state.apply(message('a', 4))).toBe(false);
  expect(state.apply(message('a', 6))).toBe(true);
  expect(state.apply(message('b', 2))).toBe(true);
});

test('keeps revs over a resume and forgets them where it begins anew', () => {
  const state = resumeState('t:1');
  state.apply(message('a', 5));
  state.begin('t:5');
  expect(state.apply(message('a', 5))).toBe(false);
  state.begin(null);
  expect(state.cursor).toBeNull();
  expect(state.apply(message('a', 5))).toBe(true);
});

test('forgets what was received longest ago, except what is held elsewhere', () => {
  const state = new ResumeState((id) => (id === 'held' ? 1 : undefined));
  state.begin('t:0');
  state.apply(message('held', 1));
  state.apply(message('old', 2));
  for (let rev = 3; rev < 10_010; rev++) state.apply(message(`n${rev}`, rev));
  expect(state.apply(message('held', 1))).toBe(false);
  expect(state.apply(message('old', 2))).toBe(true);
});
