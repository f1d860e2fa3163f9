import { TidingsError } from '@tidings/protocol';
import { type Clock, systemClock } from '../clock.ts';
import { type EndpointSource, endpointSource } from '../config/endpoint.ts';
import { host } from '../host/node.ts';
import type { PublishOutcome, SenderPort } from '../port.ts';
import type { NotifyInput, NotifyResult, Task, TaskReport, TaskStart } from '../wire.ts';
import type { BackoffOptions } from './backoff.ts';
import { Coalescer } from './coalescer.ts';
import { type Call, createExchange, type Exchange } from './exchange.ts';
import { createParcel, type Parcel } from './parcel.ts';
import { type Outcome, Pending } from './pending.ts';
import { readConnections, readUsers } from './readers.ts';
import { readTask, TaskCalls } from './task-calls.ts';

export interface HttpOptions {
  /** The server's address, as `https://tidings.example.com`. Default: TIDINGS_URL, else the one in `.tidings/dev.json`. */
  url?: string;
  /** Default: TIDINGS_API_KEY, else the one in `.tidings/dev.json`. */
  apiKey?: string;
  /** Milliseconds until a call is answered, retries included. Default: 30,000. */
  timeoutMs?: number;
  retry?: {
    /** Milliseconds before the second attempt, doubled for each one after it, with jitter. Default: 100. */
    initialDelayMs?: number;
    /** Milliseconds between two attempts at most, unless the server asks for more. Default: 2,000. */
    maxDelayMs?: number;
    /** Milliseconds until an attempt without an answer is given up and made again. Default: 10,000. */
    attemptTimeoutMs?: number;
  };
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
}

/** The id as a path segment. Dots alone would be taken for a folder. */
function segment(id: string, name: string): string {
  if (id !== '' && id !== '.' && id !== '..') return encodeURIComponent(id);
  throw new TidingsError('bad_request', `${name} must be a non-empty id other than "." and ".."; got "${id}"`);
}

function resultOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.result;
  throw outcome.error;
}

const first = (outcome: Outcome<NotifyResult[]>): PublishOutcome =>
  outcome.ok ? { ok: true, result: outcome.result[0] as NotifyResult } : outcome;

const each = (outcome: Outcome<NotifyResult[]>, count: number): PublishOutcome[] =>
  outcome.ok ? outcome.result.map((result) => ({ ok: true, result })) : Array.from({ length: count }, () => outcome);

class HttpPort implements SenderPort {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #coalescer: Coalescer;
  readonly #tasks: TaskCalls;
  readonly #open = new Set<Promise<unknown>>();
  #state: 'open' | 'closed' = 'open';

  constructor(options: HttpOptions, endpoint: EndpointSource, clock: Clock) {
    const { initialDelayMs = 100, maxDelayMs = 2_000, attemptTimeoutMs = 10_000 } = options.retry ?? {};
    const backoff: BackoffOptions = { initialDelayMs, maxDelayMs };
    const exchange = createExchange({ endpoint, fetch: options.fetch, attemptTimeoutMs, clock });
    this.#clock = clock;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#exchange = exchange;
    this.#coalescer = new Coalescer({ exchange, clock, backoff });
    this.#tasks = new TaskCalls({ exchange, clock, backoff, timeoutMs: this.#timeoutMs });
  }

  async publish(
    items: readonly NotifyInput[],
    { atomic, timeoutMs = this.#timeoutMs }: { atomic: boolean; timeoutMs?: number },
  ): Promise<PublishOutcome[]> {
    this.#refuseIfClosed();
    if (!atomic) {
      const parcels = items.map((item) => this.#send('single', [item], timeoutMs));
      return (await Promise.all(parcels.map(({ pending }) => pending.promise))).map(first);
    }
    return each(await this.#send('atomic', items, timeoutMs).pending.promise, items.length);
  }

  async startTask(start: TaskStart): Promise<Task> {
    const id = start.task_id === undefined ? null : String(start.task_id);
    return this.#task(id, 'POST', '/tasks', start);
  }

  async reportTask(taskId: string, report: TaskReport): Promise<Task> {
    return this.#task(taskId, 'PATCH', `/tasks/${segment(taskId, 'taskId')}`, report);
  }

  async cancelTask(taskId: string): Promise<Task> {
    return this.#task(taskId, 'POST', `/tasks/${segment(taskId, 'taskId')}/cancel`);
  }

  async getTask(taskId: string): Promise<Task> {
    return this.#read(`/tasks/${segment(taskId, 'taskId')}`, readTask, this.#timeoutMs);
  }

  async connectedUsers({ timeoutMs }: { timeoutMs: number }) {
    return this.#read('/connections', readUsers, timeoutMs);
  }

  async connectionsOf(username: string, { probe, timeoutMs }: { probe: boolean; timeoutMs: number }) {
    const query = probe ? '?by=username&probe=true' : '?by=username';
    return this.#read(`/users/${segment(username, 'username')}/connections${query}`, readConnections, timeoutMs);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#coalescer.flush();
    await Promise.all(this.#open);
  }

  #send(kind: Parcel['kind'], items: readonly NotifyInput[], timeoutMs: number): Parcel {
    const obstacle = () => this.#coalescer.obstacle;
    const parcel = createParcel(kind, items, { clock: this.#clock, timeoutMs, newKey: host.randomId, obstacle });
    this.#track(parcel.pending.promise);
    this.#coalescer.add(parcel);
    return parcel;
  }

  async #task(id: string | null, method: 'POST' | 'PATCH', path: string, input?: TaskReport): Promise<Task> {
    this.#refuseIfClosed();
    const keyed = input && { ...input, idempotency_key: input.idempotency_key ?? host.randomId() };
    const call: Call = { method, path, body: keyed && JSON.stringify(keyed) };
    return resultOf(await this.#track(this.#tasks.make(id, call, keyed?.idempotency_key ?? '')));
  }

  /** Reads are made once: who asks can ask again. */
  async #read<T>(path: string, read: (body: unknown) => T | null, timeoutMs: number): Promise<T> {
    this.#refuseIfClosed();
    const pending = new Pending<T>(this.#clock, timeoutMs, '', () => null);
    const stop = new AbortController();
    void pending.promise.then(() => stop.abort());
    pending.sent();
    const answer = await this.#exchange({ method: 'GET', path }, read, stop.signal);
    if (answer.ok) pending.succeed(answer.value);
    else pending.refuse(answer.failure.error);
    return resultOf(await pending.promise);
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#open.add(promise);
    void promise.then(() => this.#open.delete(promise));
    return promise;
  }

  #refuseIfClosed(): void {
    if (this.#state === 'open') return;
    throw new TidingsError('unavailable', 'this sender is closed: create another, or close it after the last call', {
      retryable: false,
    });
  }
}

/** Sends over HTTP, in coalesced batches, with retries. What is not configured is told by the first call. */
export function httpPort(
  options: HttpOptions = {},
  endpoint: EndpointSource = endpointSource(options),
  clock: Clock = systemClock,
): SenderPort {
  return new HttpPort(options, endpoint, clock);
}
