import type { Answer, TaskAnswer } from '@tidings/protocol';
import type { Question, TaskState } from './task.ts';

/** A task whose handler waits for the answer to a notification. */
export function asked(before: TaskState, question: Question, now: number): TaskState {
  const others = before.questions.filter(({ id }) => id !== question.id);
  return { ...waiting(before, now), questions: [...others, question] };
}

/** A task that goes on when a person has decided. */
export function waiting(before: TaskState, now: number): TaskState {
  if (before.status !== 'processing') return before;
  return { ...before, status: 'waiting', updated_at: new Date(now).toISOString() };
}

/** A task that goes on although nobody has decided, unless it waits for something else too. */
export function resumed(before: TaskState, question: string, now: number): TaskState {
  const questions = before.questions.filter(({ id }) => id !== question);
  return goOn({ ...before, questions, updated_at: new Date(now).toISOString() });
}

/** Applies the answer to a notification to its task: a handler that waits for the answer is given it. */
export function answeredTask(before: TaskState, notification: string, answer: Answer): TaskState {
  const questions = before.questions.map((question) =>
    question.notification === notification && question.answer === null ? { ...question, answer } : question,
  );
  return decidedTask({ ...before, questions }, answer);
}

/** Applies a decision to a task: if it waited for nothing else, it goes on. */
export const decidedTask = (before: TaskState, answer: TaskAnswer): TaskState =>
  goOn({ ...before, answer, updated_at: answer.answered_at });

const goOn = (task: TaskState): TaskState =>
  task.status === 'waiting' && task.questions.every(({ answer }) => answer !== null)
    ? { ...task, status: 'processing' }
    : task;
