import { LimitExceeded } from '../domain/limit-exceeded.ts';
import type { Clock } from '../domain/ports.ts';
import { Budgets, type Rate } from './budgets.ts';

export interface RequestRates {
  /** Actions of one user, on sockets and over HTTP. */
  actions: Rate;
  /** Work of one user: ids, rows and bytes, in units. */
  work: Rate;
  /** Work of one API key. */
  apiKeyWork: Rate;
  /** Credentials of one address that are refused over HTTP. */
  refusals: Rate;
  /** Messages of one user in shared documents. */
  documentMessages: Rate;
}

/** A number for each of these limits, by its option. */
type ByLimit = Record<`${keyof RequestRates}PerSecond`, number>;

/** The bytes of one unit of work. */
const unitBytes = 1_024;

/**
 * The requests of users, API keys and addresses to this process, on all transports together. Each method throws `too_many`, with the
 * time to wait, where a budget is spent.
 */
export class RequestLimits {
  readonly #messages: Record<keyof RequestRates, string>;
  readonly #budgets: Record<keyof RequestRates, Budgets>;
  readonly #refused: ByLimit;

  /** @param refused counts the requests that are refused */
  constructor(rates: RequestRates, clock: Clock, refused: ByLimit) {
    this.#refused = refused;
    const { actions, work, apiKeyWork, refusals, documentMessages } = rates;
    this.#messages = messagesOf(rates);
    this.#budgets = {
      actions: new Budgets(actions, clock),
      work: new Budgets(work, clock),
      apiKeyWork: new Budgets(apiKeyWork, clock),
      refusals: new Budgets(refusals, clock),
      documentMessages: new Budgets(documentMessages, clock),
    };
  }

  /** One action or call of a user, which brings so many bytes. */
  action(userId: string, bytes: number): void {
    this.#spend('actions', userId, 1);
    this.work(userId, callUnits(bytes));
  }

  /** Work that an action of a user needs, in units: an id to mark is one. */
  work(userId: string, units: number): void {
    this.#spend('work', userId, units);
  }

  /** Work that turned out only when it was done: what is more than the user has left is paid back before the next. */
  workDone(userId: string, units: number): void {
    this.#budgets.work.charge(userId, units);
  }

  /** One call with an API key, or a body of one whose size its head did not tell: so many bytes. */
  call(apiKey: string, bytes: number): void {
    this.#spend('apiKeyWork', apiKey, callUnits(bytes));
  }

  /** A body that a user sent, whose size the head of the call did not tell. */
  userBody(userId: string, bytes: number): void {
    this.work(userId, callUnits(bytes));
  }

  /** A call without good credentials. */
  refusal(address: string): void {
    this.#spend('refusals', address, 1);
  }

  /** One message of a user in a document, which has so many bytes. */
  documentMessage(userId: string, bytes: number): void {
    this.#spend('documentMessages', userId, 1 + Math.floor(bytes / (16 * unitBytes)));
  }

  /** The number of callers whose budget is not whole, by the limit. */
  spending(): ByLimit {
    const { actions, work, apiKeyWork, refusals, documentMessages } = this.#budgets;
    return {
      ...{ actionsPerSecond: actions.size, workPerSecond: work.size },
      ...{ apiKeyWorkPerSecond: apiKeyWork.size, refusalsPerSecond: refusals.size },
      documentMessagesPerSecond: documentMessages.size,
    };
  }

  #spend(limit: keyof RequestRates, caller: string, cost: number): void {
    const retryAfterMs = this.#budgets[limit].spend(caller, cost);
    if (retryAfterMs === 0) return;
    this.#refused[`${limit}PerSecond`]++;
    throw new LimitExceeded(this.#messages[limit], retryAfterMs);
  }
}

/** The work of a call itself, which brings so many bytes. */
const callUnits = (bytes: number): number => 1 + Math.floor(bytes / unitBytes);

const messagesOf = ({
  actions,
  work,
  apiKeyWork,
  documentMessages,
}: RequestRates): Record<keyof RequestRates, string> => ({
  actions: `more than ${actions.perSecond} actions a second; slow down`,
  work: `more work than this server does for one user: ${work.burst} units at once and ${work.perSecond} a second, for connections, polls, ids to mark and rows to read`,
  apiKeyWork: `more calls with this API key than ${apiKeyWork.perSecond} a second; slow down`,
  documentMessages: `more than ${documentMessages.perSecond} messages a second in documents; slow down`,
  refusals: 'too many calls of this address had no good token or API key; check them',
});
