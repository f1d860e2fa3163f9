import type { ServerFrame } from '@tidings/protocol';
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import type { Notice } from '../inbox-item.ts';
import { Attention } from './attention.ts';
import { describeFrame, isRunning, taskOf } from './describe-frame.ts';
import { icon } from './icons.ts';
import type { alive } from './inbox/living.ts';
import { KeyedChildren } from './keyed-children.ts';
import { isDealtWith, isNews } from './news.ts';
import { loadInbox } from './parts.ts';
import { Ticker } from './ticker.ts';
import { TidingsElement } from './tidings-element.ts';
import { type Toast, ToastList } from './toast-list.ts';
import { toastStyles } from './toasts.css.ts';
import { tokens } from './tokens.ts';

/** The frames that interrupt. Files have a dialog, tasks have `<tidings-task>`, everything else waits in the bell's list. */
const toasted = /^(user_message|user_notification|generic_message|notification|oracle_upload_(completed|failed))$/;

/** How often the toasts' time is looked at, in milliseconds. */
const step = 250;

/** Whether a bell of the page shows its list, in which all that is toasted stands. */
const isListOpen = (): boolean => !!document.querySelector('tidings-bell[open]');

/**
 * `<tidings-toasts>`: news of the moment, in four colours, at the top right (in right-to-left pages the left). A toast goes by itself, an
 * error later; hovering or focusing one stops the clock. Of several tabs only one toasts, and none while its bell is open.
 *
 * Attributes: `max`, the most at once (default 4); `duration`, milliseconds (default 6000; errors 2.5 times that).
 * Parts: `region`, `toast` (with `success`, `error`, `warning`, `info`), `title`, `message`, `link`, `close`, `more`.
 */
export class TidingsToasts extends TidingsElement {
  static override styles = [tokens, toastStyles];
  static override properties: PropertyDeclarations = { max: { type: Number }, duration: { type: Number } };

  declare max: number;
  declare duration: number;

  readonly #list = new ToastList();
  #alive: typeof alive | undefined;
  /** The toast in which the last thing that was pressed was refused. */
  #refused = '';
  readonly #attention = new Attention();
  readonly #children = new KeyedChildren<Toast>('li', (toast) => this.#toast(toast));

  constructor() {
    super();
    this.max = 4;
    this.duration = 6_000;
    new Ticker(
      this,
      step,
      () => this.#busy,
      () => {
        if (isListOpen()) this.#list.dismissAll();
        this.#list.pass(step, this.#held);
      },
    );
  }

  protected override follow(client: TidingsClient): (() => void)[] {
    return [
      ...this.#attention.follow(client, 'toasts'),
      client.on('*', (frame) => this.#receive(frame)),
      client.inbox.onChange(() => {
        for (const { id } of this.#list.toasts) if (isDealtWith(client, id)) this.#list.dismiss(id);
        this.requestUpdate();
      }),
      () => this.#list.clear(),
    ];
  }

  #receive(frame: ServerFrame): void {
    // A snooze that has ended is news as well.
    const returned = frame.type === 'receipts' && !frame.replayed && frame.returned;
    for (const one of returned || [frame]) {
      const notice = one as Notice;
      const { id, actions, answer, task } = notice;
      const buttons = actions && !answer;
      const isUrgent = !!buttons || describeFrame(notice).tone === 'error';
      const toast = { id, frame: notice, isUrgent, stays: isRunning(taskOf(notice)) };
      if (!returned && !isNews(notice)) this.#list.update(toast, this.duration);
      else if ((buttons || task || toasted.test(notice.type)) && this.#attention.here && !isListOpen()) {
        this.#list.put(toast, this.max, this.duration);
        if (buttons || task) this.#enliven();
      }
    }
    this.requestUpdate();
  }

  /** What shows buttons and progress is loaded with the first toast that has any. */
  #enliven(): void {
    if (this.#alive) return;
    const taken = ({ alive, aliveStyles }: Awaited<ReturnType<typeof loadInbox>>) => {
      this.#alive = alive;
      this.wear(aliveStyles);
      this.requestUpdate();
    };
    // Where it cannot be had, the toast says what it can.
    loadInbox().then(taken, () => {});
  }

  get #busy(): boolean {
    return this.#list.toasts.length + this.#list.more > 0;
  }

  get #region(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.region') as HTMLElement;
  }

  /** The clock stands still while somebody reads, and while nobody can. What is touched counts as hovered until something else is. */
  get #held(): boolean {
    const reading = matchMedia('(hover: none)').matches ? ':focus-within' : ':hover, :focus-within';
    return this.#region.matches(reading) || document.visibilityState !== 'visible';
  }

  /** Dismisses a toast; the focus goes to a neighbour rather than nowhere. */
  #dismiss({ id }: Toast): void {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>('.shown .close')];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    if (at >= 0) (buttons[at + 1] ?? buttons[at - 1])?.focus();
    this.#list.dismiss(id);
    this.requestUpdate();
  }

  get #use(): Parameters<typeof alive>[1] {
    return { words: this.words, client: this.source, asked: (answer, { id }) => this.#ask(id, answer) };
  }

  /** Tells in the toast when the server refuses what was pressed in it. */
  async #ask(id: string, answer: Promise<void>): Promise<void> {
    this.#refused = await answer.then(
      () => '',
      () => id,
    );
    this.requestUpdate();
  }

  #dismissAll(): void {
    this.#list.dismissAll();
    this.requestUpdate();
  }

  #followLink(toast: Toast): void {
    this.source.inbox.markRead(toast.id).catch(() => {});
    this.#dismiss(toast);
  }

  protected override updated(): void {
    const region = this.#region;
    this.#children.show(region.firstElementChild as Element, this.#list.toasts, (toast) => toast.id);
    if (this.#busy !== region.matches(':popover-open')) region.togglePopover(this.#busy);
  }

  /** The toasts themselves, and for screen readers two live regions that are there before there is anything to say. */
  protected override render(): TemplateResult {
    const { words } = this;
    const { more } = this.#list;
    return html`
      <div class="spoken" role="status">${this.#newest(false)} ${more ? words.more(more) : nothing}</div>
      <div class="spoken" role="alert">${this.#newest(true)}</div>
      <section class="region" part="region" popover="manual" aria-label=${words.notifications}>
        <ul role="list"></ul>
        ${
          more
            ? html`<p class="more subtle" part="more">
                ${words.more(more)}
                <button class="quiet" @click=${() => this.#dismissAll()}>${words.dismissAll}</button>
              </p>`
            : nothing
        }
      </section>
    `;
  }

  /** The newest toast in words. */
  #newest(urgent: boolean): string {
    const newest = this.#list.toasts.find((toast) => toast.isUrgent === urgent);
    if (newest?.phase !== 'shown') return '';
    const { tone, title, message } = describeFrame(newest.frame);
    return `${this.words[tone]}: ${title && message ? `${title}. ${message}` : title || message}`;
  }

  #toast(toast: Toast): TemplateResult {
    const { words } = this;
    const { tone, title, message, link } = describeFrame(toast.frame);
    const item = this.source.inbox.getSnapshot().items.find(({ id }) => id === toast.id);
    const dismiss = () => this.#dismiss(toast);
    return html`
      <div class=${toast.phase} ?inert=${toast.phase === 'leaving'} @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && dismiss()}>
        <div class="fold">
          <div class="toast tint ${tone}" part="toast ${tone}">
            ${icon(tone)}
            <div class="body">
              <span class="spoken">${words[tone]}</span>
              ${title ? html`<p class="title" part="title"><bdi>${title}</bdi></p>` : nothing}
              ${message ? html`<p class="message" part="message"><bdi>${message}</bdi></p>` : nothing}
              ${
                link
                  ? html`<a class="link" part="link" href=${link.href} rel="noopener" target=${link.target}
                      @click=${() => this.#followLink(toast)}>${words[link.action]}</a>`
                  : nothing
              }
              ${item ? this.#alive?.(item, this.#use) : nothing}
              ${this.#refused === toast.id ? html`<p class="live subtle error" role="alert">${words.actionFailed}</p>` : nothing}
            </div>
            <button class="close" part="close" aria-label=${words.dismiss} @click=${dismiss}>${icon('close')}</button>
          </div>
        </div>
      </div>
    `;
  }
}
