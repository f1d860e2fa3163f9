import { expect, test } from 'vitest';
import { initialState, nextState, type SessionEvent, type SessionState } from './session-state.ts';

const from = { term: 't', rev: 7 };
const read = (...topics: string[]): SessionEvent => ({ type: 'read', topics, limit: 2 });
const caughtUp: SessionEvent = { type: 'caught_up', from };
const play = (...events: SessionEvent[]): SessionState => events.reduce(nextState, initialState);

test('catches up page by page, then joins topics, each with a buffer of its own', () => {
  const page = play(read('user:1'));
  expect(page).toMatchObject({ phase: 'reading', topics: ['user:1'] });
  expect(nextState(page, { type: 'drop' })).toEqual(initialState);
  expect(play(read('user:1'), { type: 'drop' }, read('user:1'), caughtUp)).toEqual({ phase: 'live', from });
  const joining = play(read('user:1'), caughtUp, read('task:a'));
  expect(joining).toMatchObject({ phase: 'joining', from, topics: ['task:a'] });
  for (const type of ['joined', 'drop'] as const) expect(nextState(joining, { type })).toEqual({ phase: 'live', from });
});

test('ends in every phase, and nothing comes after that', () => {
  for (const state of [play(), play(read()), play(read(), caughtUp), play(read(), caughtUp, read('task:a'))]) {
    const closed = nextState(state, { type: 'close' });
    expect(closed).toEqual({ phase: 'closed' });
    for (const event of [read('a'), { type: 'drop' }, caughtUp, { type: 'joined' }, { type: 'close' }] as const) {
      expect(nextState(closed, event)).toBe(closed);
    }
  }
});
