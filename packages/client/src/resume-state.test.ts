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
  state.accept(message('a', 5, { replayed: true }));
  state.accept(message('b', 8, { snapshot: true }));
  expect(state.cursor).toBeNull();
  state.accept(synced(9));
  expect(state.cursor).toBe('t:9');
  state.accept(message('a', 10));
  state.accept(message('d', 12, { replayed: true }));
  expect(state.cursor).toBe('t:10');
  state.accept({ type: 'ping', cursor: 'u:6' });
  expect(state.cursor).toBe('u:6');
  state.accept(message('a', 10));
  expect(state.cursor).toBe('t:10');
});

test('drops a rev that is held of that record, and no other by the cursor', () => {
  const state = resumeState('t:100');
  expect(state.accept(message('a', 5))).toBe(true);
  expect(state.accept(message('a', 5))).toBe(false);
  expect(state.accept(message('a', 4))).toBe(false);
  expect(state.accept(message('a', 6))).toBe(true);
  expect(state.accept(message('b', 2))).toBe(true);
});

test('keeps revs over a resume and forgets them where it begins anew', () => {
  const state = resumeState('t:1');
  state.accept(message('a', 5));
  state.begin('t:5');
  expect(state.accept(message('a', 5))).toBe(false);
  state.begin(null);
  expect(state.cursor).toBeNull();
  expect(state.accept(message('a', 5))).toBe(true);
});

test('forgets what was received longest ago, except what is held elsewhere', () => {
  const state = new ResumeState((id) => (id === 'held' ? 1 : undefined));
  state.begin('t:0');
  state.accept(message('held', 1));
  state.accept(message('old', 2));
  for (let rev = 3; rev < 10_010; rev++) state.accept(message(`n${rev}`, rev));
  expect(state.accept(message('held', 1))).toBe(false);
  expect(state.accept(message('old', 2))).toBe(true);
});
