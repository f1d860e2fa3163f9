import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import type { TaskView } from '../../tasks.ts';
import { linkOf, textOf } from '../describe-frame.ts';
import { type IconName, icon } from '../icons.ts';
import type { Part, PartHost } from '../part-slot.ts';
import { Ticker } from '../ticker.ts';
import { progress, type TaskWords } from './progress.ts';
import { type StepState, StepTrail } from './steps.ts';
import { taskEnglish } from './strings.ts';

const endings: Record<string, IconName> = { completed: 'success', failed: 'error', cancelled: 'stopped' };

/** The element that a task is shown in. */
interface CardHost extends PartHost {
  taskId(): string;
}

/** One task as a card: what `<tidings-task>` shows. */
export class TaskCard implements Part {
  readonly #host: CardHost;
  #trail = new StepTrail();
  /** The state of a press on Cancel, until the task itself reports it. */
  #asked: 'no' | 'asked' | 'refused' = 'no';

  constructor(host: CardHost) {
    this.#host = host;
    new Ticker(host.element, 1_000, () => this.#view?.ended === false && this.#view.remainingMs !== null);
  }

  follow(client: TidingsClient): (() => void)[] {
    this.#asked = 'no';
    this.#trail = new StepTrail();
    const look = () => {
      if (this.#view) this.#trail.see(this.#view.frame);
      this.#host.element.requestUpdate();
    };
    look();
    return [client.tasks.onChange(look), client.subscribe(this.#host.taskId())];
  }

  get words(): TaskWords {
    return { ...taskEnglish, ...this.#host.words() };
  }

  get #view(): TaskView | undefined {
    return this.#host.client().tasks.get(this.#host.taskId());
  }

  async #cancel(): Promise<void> {
    if (this.#asked === 'asked') return;
    this.#asked = 'asked';
    this.#host.element.requestUpdate();
    try {
      await this.#host.client().tasks.cancel(this.#host.taskId());
    } catch {
      this.#asked = 'refused';
      this.#host.element.requestUpdate();
    }
  }

  render(): TemplateResult {
    const view = this.#view;
    if (!view) {
      return html`<article class="card running" part="card" aria-busy="true">
        <p class="subtle" role="status"><bdi>${this.words.waitingForReport}</bdi></p>
        ${progress(0, null, this.words.task, this.words)}
      </article>`;
    }
    const { frame } = view;
    const ending = endings[frame.status];
    const name = textOf(frame.data, 'title') || frame.name || this.words.task;
    return html`
      <article class="card ${frame.status} ${ending ?? 'running'}" part="card ${frame.status}" aria-labelledby="name">
        <header>
          ${ending ? icon(ending) : nothing}
          <div class="body">
            <h2 id="name" part="name"><bdi>${name}</bdi></h2>
            <p class="subtle" part="status" role="status">${this.#status(view)}</p>
          </div>
          ${this.#action(view)}
        </header>
        ${this.#steps(view)} ${this.#progress(view, name)} ${this.#message(view)}
      </article>
    `;
  }

  #status(view: TaskView): TemplateResult {
    const { status, step, step_number, total_steps, attempt } = view.frame;
    const parts = [
      view.ended || !step_number ? this.words[status] : this.words.step(step_number, total_steps),
      ...(view.ended && status !== 'failed' ? [] : [step ?? '']),
      attempt > 1 ? this.words.attempt(attempt) : '',
    ];
    return html`${parts.filter(Boolean).map((part, at) => html`${at ? ' · ' : nothing}<bdi>${part}</bdi>`)}`;
  }

  #action(view: TaskView): TemplateResult | typeof nothing {
    if (view.ended) {
      const { result } = view.frame as { result?: unknown };
      const link = result && typeof result === 'object' ? linkOf(result) : null;
      return link
        ? html`<a class="button primary" part="download" href=${link.href} target=${link.target} rel="noopener"
            >${icon('download')}${this.words[link.action]}</a>`
        : nothing;
    }
    const cancelling = view.frame.cancel_requested || this.#asked === 'asked';
    return html`<button class="button" part="cancel" aria-disabled=${cancelling}
      @click=${() => !cancelling && this.#cancel()}><bdi>${cancelling ? this.words.cancelling : this.words.cancel}</bdi></button>`;
  }

  #steps(view: TaskView): TemplateResult | typeof nothing {
    const steps = this.#trail.steps(view.frame);
    if (steps.length === 0) return nothing;
    const said: Record<StepState, string> = {
      done: this.words.completed,
      now: this.words.processing,
      failed: this.words.failed,
      stopped: this.words.cancelled,
      ahead: '',
    };
    return html`<ol class="steps" part="steps" role="list">
      ${steps.map(
        ({ name, state }, at) => html`<li class=${state} aria-current=${state === 'now' ? 'step' : nothing}>
          <span class="dot">${state === 'done' ? icon('check') : state === 'failed' ? icon('close') : nothing}</span>
          <span class="label"><bdi>${name || this.words.step(at + 1, 0)}</bdi></span>
          <span class="spoken">${said[state]}</span>
        </li>`,
      )}
    </ol>`;
  }

  #progress(view: TaskView, name: string): TemplateResult | typeof nothing {
    if (view.ended) return nothing;
    const { remainingMs, receivedAt, frame } = view;
    const left = remainingMs === null ? null : remainingMs - (Date.now() - receivedAt);
    return progress(Math.round(frame.progress), left, name, this.words);
  }

  #message(view: TaskView): TemplateResult | typeof nothing {
    const { frame } = view;
    const said = textOf(frame, 'error') || frame.message;
    const message = said === this.words[frame.status] ? '' : said;
    const refused = this.#asked === 'refused' && !view.ended;
    return html`
      ${message ? html`<p class="message subtle ${view.frame.status === 'failed' ? 'error tint' : ''}" part="message"><bdi>${message}</bdi></p>` : nothing}
      ${refused ? html`<p class="message subtle error tint" role="alert">${this.words.actionFailed}</p>` : nothing}
    `;
  }
}
