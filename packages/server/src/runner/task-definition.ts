import type { StandardSchemaV1 } from '@standard-schema/spec';
import { TidingsError } from '@tidings/protocol';
import type { TaskHandler } from './task-context.ts';

/** The times that a task is tried by itself when it fails. */
export interface RetryOptions {
  /** The most attempts, the first one included. */
  attempts: number;
  /** Time from the first failure to the second attempt, ms; doubled for each that follows. Default 1,000. */
  firstMs?: number;
  /** The longest time between two attempts, ms. Default 60,000. */
  longestMs?: number;
}

/** The way in which tasks of one name are run. */
export interface TaskOptions<Input = unknown> {
  handler: TaskHandler<Input>;
  /**
   * Checks what `tasks.start()` is given, and may convert it for the handler: a schema of Zod, Valibot, ArkType or any other library
   * that follows Standard Schema 1 (https://standardschema.dev). Default: any JSON.
   */
  input?: StandardSchemaV1<unknown, Input>;
  /** The number of attempts, or more about them. Default 1: a task that fails is tried again only by a person or a back end. */
  retry?: number | RetryOptions;
  /** The most tasks of this name, or of each `concurrencyKey`, that run at a time on all servers together. Default: any number. */
  concurrency?: number;
  /** The key of a task, from its input: 1 to 256 characters. Tasks of one key share the limit, whose default is then 1. */
  concurrencyKey?: (input: Input) => string;
  /** The most time that one attempt may take, ms, without the time for which it waits for people. Default: none. */
  timeoutMs?: number;
}

const optionNames = 'handler, input, retry, concurrency, concurrencyKey, timeoutMs';

/** The handler of a name, with all that was said about it. */
export class TaskDefinition {
  readonly handler: TaskHandler;
  /** Null: an attempt may take any time, ms. */
  readonly timeoutMs: number | null;
  /** Null: any number of tasks may run at a time. */
  readonly concurrency: number | null;
  readonly #keyOf: ((input: never) => string) | null;
  readonly #name: string;
  readonly #schema: StandardSchemaV1 | null;
  readonly #retry: Required<RetryOptions>;

  /** @throws TidingsError `bad_request` */
  constructor(name: string, given: TaskHandler | TaskOptions<never>) {
    const options: TaskOptions<never> = typeof given === 'function' ? { handler: given } : given;
    const { handler, input, retry = 1, timeoutMs, concurrencyKey, ...rest } = options;
    const { concurrency = concurrencyKey ? 1 : undefined, ...others } = rest;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) {
      throw bad(`tasks.define() has no option "${unknown}"; it has ${optionNames}`);
    }
    if (typeof handler !== 'function') throw bad(`tasks.define() needs "handler": a function; got ${typeof handler}`);
    if (input !== undefined && typeof input?.['~standard']?.validate !== 'function') {
      throw bad('"input" of tasks.define() must be a schema that follows Standard Schema 1, as those of Zod do');
    }
    if (concurrencyKey !== undefined && typeof concurrencyKey !== 'function') {
      throw bad(`"concurrencyKey" of tasks.define() must be a function of the input; got ${typeof concurrencyKey}`);
    }
    this.concurrency = concurrency === undefined ? null : whole('concurrency', concurrency, 1);
    this.#keyOf = concurrencyKey ?? null;
    this.#name = name;
    this.#schema = input ?? null;
    this.#retry = retriesOf(retry);
    this.timeoutMs = timeoutMs === undefined ? null : whole('timeoutMs', timeoutMs, 1);
    this.handler = handler as TaskHandler;
  }

  /** Reads an input as the handler is given it. @throws TidingsError `bad_request` with what does not fit */
  async readInput(input: unknown): Promise<unknown> {
    if (!this.#schema) return input;
    const result = await this.#schema['~standard'].validate(input);
    if (!result.issues) return result.value;
    throw bad(`the input of the task "${this.#name}" does not fit: ${result.issues.map(textOf).join('; ')}`);
  }

  /** The concurrency key of an input that was read; null if there is none. @throws TidingsError `bad_request` */
  keyOf(input: unknown): string | null {
    if (!this.#keyOf) return null;
    const key: unknown = this.#keyOf(input as never);
    if (typeof key === 'string' && key !== '' && key.length <= 256) return key;
    const got = typeof key === 'string' ? `${key.length} characters` : typeof key;
    throw bad(`"concurrencyKey" of the task "${this.#name}" must return a text of 1 to 256 characters; got ${got}`);
  }

  /** Time until a task is tried once more that has failed so many times, ms; null if it is not. */
  pauseAfter(failures: number): number | null {
    const { attempts, firstMs, longestMs } = this.#retry;
    return failures < attempts ? Math.min(firstMs * 2 ** (failures - 1), longestMs) : null;
  }
}

function retriesOf(given: number | RetryOptions): Required<RetryOptions> {
  if (typeof given !== 'number' && (typeof given !== 'object' || given === null)) {
    throw bad(
      `"retry" of tasks.define() must be a number of attempts, or {attempts, firstMs, longestMs}; got ${given}`,
    );
  }
  const {
    attempts,
    firstMs = 1_000,
    longestMs = 60_000,
    ...others
  } = typeof given === 'number' ? { attempts: given } : given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw bad(`"retry" of tasks.define() has no "${unknown}"; it has attempts, firstMs, longestMs`);
  return {
    attempts: whole('retry.attempts', attempts, 1),
    firstMs: whole('retry.firstMs', firstMs, 0),
    longestMs: whole('retry.longestMs', longestMs, 0),
  };
}

function whole(name: string, value: unknown, atLeast: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= atLeast) return value as number;
  throw bad(`"${name}" of tasks.define() must be a whole number, ${atLeast} or more; got ${String(value)}`);
}

/** An issue of a schema, with the path of what it is about. */
function textOf({ path = [], message }: StandardSchemaV1.Issue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}

const bad = (message: string): TidingsError => new TidingsError('bad_request', message);
