import type { AnswerEvent, NotificationEdit, NotificationView } from '@tidings/protocol';
import { type HttpAnswer, ok, problem } from './http-answer.ts';

interface Question {
  method: string;
  /** From `/api/v1` on. */
  url: URL;
  fields: Record<string, unknown>;
}

/** The notifications and users of a contract server, with the calls of back ends on both. */
export class SentNotifications {
  readonly views = new Map<string, NotificationView>();
  readonly answers: AnswerEvent[] = [];
  readonly roles = new Map<string, string[]>();
  readonly revoked: unknown[] = [];
  /** True if a long poll is held until there is news; else it is answered at once. */
  holdsPolls = true;
  readonly #nextRev: () => number;
  #news: (() => void)[] = [];

  constructor(nextRev: () => number) {
    this.#nextRev = nextRev;
  }

  add(view: NotificationView): void {
    this.views.set(view.id, view);
  }

  /** A person presses a button. */
  answer(id: string, action_id: string, comment?: string): AnswerEvent {
    const who = { user_id: '42', username: 'amadmin', answered_at: '2026-01-31T09:30:00.000Z' };
    const chosen = { action_id, label: action_id, ...who };
    const answer = comment === undefined ? chosen : { ...chosen, comment };
    const event = { id, external_id: null, task_id: null, rev: this.#nextRev(), ...answer };
    this.answers.push(event);
    this.change(id, { status: 'answered', answer });
    return event;
  }

  /** Changes the state of a notification. */
  change(id: string, change: Partial<NotificationView>): void {
    const view = this.views.get(id);
    if (view) Object.assign(view, change);
    const waiting = this.#news;
    this.#news = [];
    for (const resolve of waiting) resolve();
  }

  async route({ method, url, fields }: Question): Promise<HttpAnswer | null> {
    const [, first = '', second, third] = url.pathname.split('/').map(decodeURIComponent);
    const waits = url.searchParams.has('wait');
    switch ([method, first, second && ':', third].filter(Boolean).join(' ')) {
      case 'PATCH notifications :':
        return this.#revise(second as string, (view) => this.#edit(view, fields as NotificationEdit));
      case 'DELETE notifications :':
        return this.#revise(second as string, (view) => this.#retract(view));
      case 'GET notifications':
        return ok(this.#scheduled(url.searchParams));
      case 'GET notifications :':
        return this.#held(waits, () => this.#view(second as string, waits));
      case 'GET answers':
        return this.#held(waits, () => this.#page(url.searchParams));
      default:
        return this.#people(`${method} ${first} ${third ?? second}`, second as string, fields);
    }
  }

  #people(route: string, id: string, fields: Record<string, unknown>): HttpAnswer | null {
    switch (route) {
      case 'PUT users roles':
        this.roles.set(id, fields.roles as string[]);
        return ok({ user_id: id, roles: fields.roles });
      case 'POST users disconnect':
        return ok({ disconnected: fields.session_id === undefined ? 2 : 1 });
      case 'POST tokens revoke':
        this.revoked.push(fields);
        return ok({ disconnected: 1 });
      default:
        return null;
    }
  }

  /** Answers with what there is now or, where the question waits and there is nothing, with the next news. */
  async #held(waits: boolean, look: () => HttpAnswer | null): Promise<HttpAnswer> {
    for (;;) {
      const found = look();
      if (found) return found;
      if (!waits || !this.holdsPolls) return ok({ items: [], next_after: this.#lastRev() });
      await new Promise<void>((resolve) => this.#news.push(resolve));
    }
  }

  #view(id: string, waits: boolean): HttpAnswer | null {
    const view = this.views.get(id);
    if (!view) return problem(404, 'not_found', `there is no notification ${id}`);
    const isOpen = view.status === 'live' || view.status === 'scheduled';
    return isOpen && waits && this.holdsPolls && view.frame?.actions ? null : ok(view);
  }

  #page(query: URLSearchParams): HttpAnswer | null {
    if (!query.has('after')) return ok({ items: [], next_after: this.#lastRev() });
    const after = Number(query.get('after'));
    const items = this.answers.filter(({ rev }) => rev > after).slice(0, Number(query.get('limit')));
    return items.length > 0 ? ok({ items, next_after: items.at(-1)?.rev }) : null;
  }

  #lastRev(): number {
    return this.answers.at(-1)?.rev ?? 0;
  }

  #scheduled(query: URLSearchParams) {
    const waiting = [...this.views.values()].filter(({ status }) => status === 'scheduled');
    waiting.sort((a, b) => String(a.deliver_at).localeCompare(String(b.deliver_at)));
    const from = Number(query.get('before') ?? 0);
    const to = from + Number(query.get('limit') ?? 20);
    return { items: waiting.slice(from, to), next_before: waiting.length > to ? String(to) : null };
  }

  #revise(id: string, revise: (view: NotificationView) => void): HttpAnswer {
    const view = this.views.get(id);
    if (!view) return problem(404, 'not_found', `there is no notification ${id}`);
    revise(view);
    return ok({ id, rev: view.rev });
  }

  #edit(view: NotificationView, edit: NotificationEdit): void {
    const frame = { ...view.frame, ...edit, type: view.frame?.type ?? 'user_notification' };
    this.change(view.id, { frame, rev: this.#nextRev() });
  }

  #retract(view: NotificationView): void {
    if (view.status !== 'retracted') this.change(view.id, { status: 'retracted', frame: null, rev: this.#nextRev() });
  }
}
