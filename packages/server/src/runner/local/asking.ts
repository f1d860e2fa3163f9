import { hash } from 'node:crypto';
import { type Answer, hasEnded, type NotifyInput, TidingsError } from '@tidings/protocol';
import type { Changes } from '../../domain/changes.ts';
import { stateOf } from '../../domain/inbox/notification.ts';
import type { Clock } from '../../domain/ports.ts';
import type { RecordStore } from '../../domain/store/records.ts';
import type { PutWrite } from '../../domain/writes.ts';
import { checkLinks, type LinkedNotifications, linkedTask } from '../../tasks/linked.ts';
import { asked, resumed, waiting } from '../../tasks/questions.ts';
import { taskRecordId } from '../../tasks/record.ts';
import type { Question, TaskState } from '../../tasks/task.ts';
import type { TaskClaim } from '../../tasks/task-queue.ts';
import type { TaskService } from '../../tasks/task-service.ts';
import type { TaskQuestion } from '../task-context.ts';
import type { RunLog } from './run-log.ts';
import type { Slots } from './slots.ts';

/** The parts of the server that asking needs. */
export interface AskingParts {
  store: RecordStore;
  tasks: TaskService;
  linked: LinkedNotifications;
  watch: Changes;
  clock: Clock;
  /** Turns a notification into what is stored of it. Throws TidingsError on what cannot be sent. */
  prepare: (input: NotifyInput) => PutWrite;
}

/** One run of a handler. */
export interface Attempt {
  claim: TaskClaim;
  signal: AbortSignal;
  /** Does something again while the store is away. */
  untilStored<T>(work: () => Promise<T>): Promise<T>;
  log: RunLog;
}

/** Asks people what a handler wants to know, in one attempt of its task. */
export class Asking {
  readonly #parts: AskingParts;
  readonly #attempt: Attempt;
  readonly #slots: Pick<Slots, 'free' | 'comeBack'>;
  readonly #asked = new Map<string, number>();
  #open = 0;
  #isOver = false;

  constructor(parts: AskingParts, attempt: Attempt, slots: Pick<Slots, 'free' | 'comeBack'>) {
    this.#parts = parts;
    this.#attempt = attempt;
    this.#slots = slots;
  }

  /** Notes that the handler has ended. @returns true if it holds its slot, and does not still wait for an answer */
  end(): boolean {
    this.#isOver = true;
    return this.#open === 0;
  }

  async ask(question: TaskQuestion): Promise<Answer> {
    const { signal, untilStored } = this.#attempt;
    signal.throwIfAborted();
    const begun = await untilStored(() => this.#begin(question));
    const answer = begun.answer ?? (await this.#elsewhere(() => untilStored(() => this.#await(begun))));
    signal.throwIfAborted();
    return answer ?? this.#giveUp(begun, question);
  }

  /** The question as it is stored: the one that was asked before the restart, or a new one. */
  async #begin(question: TaskQuestion): Promise<Question> {
    const { store, tasks, linked, clock } = this.#parts;
    // A notification may do without; nobody could answer this one.
    if (!question.actions?.length) throw new TidingsError('bad_request', 'ask() needs "actions": at least one button');
    const write = this.#parts.prepare(this.#notification(question));
    const id = question.id === undefined ? this.#nameOf(question) : String(question.id);
    let begun: Question = { id, notification: write.id, answer: null };
    await tasks.changeWith(this.#attempt.claim.state.task_id, async (task) => {
      const before = this.#own(task);
      const known = before.questions.find((one) => one.id === id);
      if (known) {
        begun = known;
        return { state: known.answer ? before : waiting(before, clock.now()) };
      }
      begun = { id, notification: write.id, answer: null };
      checkLinks(before.task_id, await store.linkCount(before.task_id));
      const state = asked(before, begun, clock.now());
      return { state, beside: [linked.create(write, linkedTask(state))] };
    });
    return begun;
  }

  /** The same question after a restart has the same name, as far as it says the same. */
  #nameOf({ title, message, actions }: TaskQuestion): string {
    const text = hash('sha1', JSON.stringify([title, message, actions]), 'base64url');
    const count = this.#asked.get(text) ?? 0;
    this.#asked.set(text, count + 1);
    return `${text}.${count}`;
  }

  #notification({ id: _id, to, ...content }: TaskQuestion): NotifyInput {
    const { owner, task_id } = this.#attempt.claim.state;
    if (to) return { ...content, to, task_id };
    if (owner !== null) return { ...content, to: { user: owner }, task_id };
    throw new TidingsError('bad_request', `ask() needs "to": the task ${task_id} has no owner who could be asked`);
  }

  /** Waits without taking up room. */
  async #elsewhere<T>(wait: () => Promise<T>): Promise<T> {
    if (this.#open++ === 0) this.#slots.free();
    try {
      return await wait();
    } finally {
      if (--this.#open === 0 && !this.#isOver) await this.#slots.comeBack(this.#attempt.signal);
    }
  }

  /** The answer; null where there will be none. */
  async #await({ id, notification }: Question): Promise<Answer | null> {
    const { store, tasks, watch } = this.#parts;
    const taskId = this.#attempt.claim.state.task_id;
    const wait = { ms: null, signal: this.#attempt.signal };
    const end = await watch.waitFor([taskRecordId(taskId), notification], wait, async () => {
      const task = this.#own((await tasks.get(taskId))?.state ?? null);
      const answer = task.questions.find((one) => one.id === id)?.answer;
      if (answer) return { answer };
      const record = await store.record(notification);
      return record?.kind !== 'notification' || stateOf(record).expired ? { answer: null } : null;
    });
    return end?.answer ?? null;
  }

  /** Lets the task go on without an answer, unless one came at the last moment. */
  async #giveUp({ id }: Question, { title, message }: TaskQuestion): Promise<Answer> {
    const { tasks, clock } = this.#parts;
    let answer = null as Answer | null;
    await tasks.change(this.#attempt.claim.state.task_id, (task) => {
      const before = this.#own(task);
      answer = before.questions.find((one) => one.id === id)?.answer ?? null;
      return answer ? before : resumed(before, id, clock.now());
    });
    if (answer) return answer;
    const text = JSON.stringify(title ?? message ?? '');
    const reason = `nobody answered ${text}: the question has expired, or was retracted`;
    // Tried again, the task asks anew.
    throw new TidingsError('conflict', reason, { retryable: true });
  }

  /** The task, while this run is the one that works on it. */
  #own(task: TaskState | null): TaskState {
    if (task?.run?.claim === this.#attempt.claim.token && !hasEnded(task.status)) return task;
    const { task_id } = this.#attempt.claim.state;
    throw new TidingsError('conflict', `this run of the task ${task_id} is over: it has ended, or was begun again`);
  }
}
