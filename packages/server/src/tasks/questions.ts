import type { Answer, TaskAnswer } from '@tidings/protocol';
import type { Question, TaskState } from './task.ts';

/** The state of a task whose handler has asked a question by a notification, and waits for the answer. */
export function asked(before: TaskState, question: Question, now: number): TaskState {
  const others = before.questions.filter(({ id }) => id !== question.id);
  return { ...waiting(before, now), questions: [...others, question] };
}

/** The state of a task that waits for the decision of a person. */
export function waiting(before: TaskState, now: number): TaskState {
  if (before.status !== 'processing') return before;
  return { ...before, status: 'waiting', updated_at: new Date(now).toISOString() };
}

/** The state of a task after a question without an answer: it goes on, unless it waits for another answer. */
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

/** Applies a decision to a task: it goes on, unless it waits for another answer. */
export const decidedTask = (before: TaskState, answer: TaskAnswer): TaskState =>
  goOn({ ...before, answer, updated_at: answer.answered_at });

const goOn = (task: TaskState): TaskState =>
  task.status === 'waiting' && task.questions.every(({ answer }) => answer !== null)
    ? { ...task, status: 'processing' }
    : task;
