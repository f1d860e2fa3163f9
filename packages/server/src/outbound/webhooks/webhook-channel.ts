import type { IncomingMessage } from 'node:http';
import { retryAfterMs } from '@tidings/protocol';
import type { Delivery, NewDelivery } from '../../domain/deliveries.ts';
import { answerEvent, callbackUrlOf } from '../../domain/inbox/answers.ts';
import type { Clock } from '../../domain/ports.ts';
import type { AnswerStore, RecordPage, StoredRecord } from '../../domain/store/records.ts';
import type { HttpClient } from '../../http-client/http-client.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import type { Channel, DeliveryFailure, FailedAttempt, Sent } from '../channel.ts';
import type { CallbackOrigins } from './callback-origins.ts';
import type { Signature } from './signature.ts';

export interface WebhookParts {
  store: AnswerStore;
  clock: Clock;
  telemetry: Telemetry;
  origins: CallbackOrigins;
  http: HttpClient;
  signature: Signature;
  /** Time limit of the receiver's answer, ms. */
  timeoutMs: number;
}

/** Posts answers to the `callback_url` of their notifications, signed (Standard Webhooks 1.0). */
export class WebhookChannel implements Channel {
  readonly name = 'webhooks';
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  changesAfter(rev: number, limit: number): Promise<RecordPage> {
    return this.#parts.store.answersAfter(rev, limit);
  }

  deliveriesOf(answer: StoredRecord): NewDelivery[] {
    const target = callbackUrlOf(answer);
    if (target === null) return [];
    const data = answerEvent(answer);
    const body = JSON.stringify({ type: 'notification.answered', timestamp: data.answered_at, data });
    const id = `${answer.id}:${answer.rev}`;
    return [{ id, channel: this.name, target, receiver: URL.parse(target)?.origin ?? '', body, at: answer.at }];
  }

  async send({ id, target, body }: Delivery, stopping: AbortSignal): Promise<Sent> {
    const { origins, http, signature, clock, timeoutMs } = this.#parts;
    const refusal = origins.refusal(target);
    if (refusal !== null) return { outcome: 'failed', reason: `the address ${refusal}` };
    const headers = { 'content-type': 'application/json', ...signature.headers(id, body, clock.now()) };
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), stopping]);
    try {
      const response = await http.request(target, { method: 'POST', headers, body, signal });
      // The body of the answer is not needed, and may be without end.
      response.destroy();
      return failureOf(response, clock.now()) ?? { outcome: 'arrived' };
    } catch (error) {
      if (signal.reason?.name === 'TimeoutError')
        return { outcome: 'failed', reason: `it did not answer within ${timeoutMs / 1000} s` };
      const { code, message } = error as Error & { code?: string };
      return { outcome: 'failed', reason: code ?? message };
    }
  }

  /** Of an address only the origin is logged: the rest may be a secret of its receiver. */
  report({ id, receiver, attempt }: Delivery, { reason, againInMs }: DeliveryFailure): void {
    const facts = { callback: id, origin: receiver, attempt, reason };
    this.#parts.telemetry.emit(
      againInMs === null
        ? { type: 'callback_given_up', ...facts }
        : { type: 'callback_failed', ...facts, again_in_ms: againInMs },
    );
  }
}

function failureOf({ statusCode: status = 0, headers }: IncomingMessage, now: number): FailedAttempt | null {
  if (status >= 200 && status < 300) return null;
  if (status === 410) return { outcome: 'gone', reason: 'it answered 410: it wants no more' };
  const isRedirect = status >= 300 && status < 400;
  const reason = `it answered ${status}${isRedirect ? '; redirects are not followed' : ''}`;
  return { outcome: 'failed', reason, waitMs: retryAfterMs(headers['retry-after'] ?? null, now) };
}
