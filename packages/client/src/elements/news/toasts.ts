import type { ServerFrame } from '@tidings/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import type { NotificationFrame } from '../../inbox-item.ts';
import type { Attention } from '../attention.ts';
import { describeFrame, isRunning, taskOf } from '../describe-frame.ts';
import { icon } from '../icons.ts';
import type { toastDetails } from '../inbox/item-details.ts';
import type * as inbox from '../inbox/part.ts';
import { KeyedChildren } from '../keyed-children.ts';
import { askLists } from '../lists-in-view.ts';
import type { Part, PartHost } from '../part-slot.ts';
import { Ticker } from '../ticker.ts';
import { isDealtWith, isNews } from './is-news.ts';
import { topModal } from './modal.ts';
import { swipe } from './swipe.ts';
import { type StackState, type Toast, ToastList } from './toast-list.ts';
import type { ToastsElement, ToastsRenderer } from './toasts-element.ts';

/** The frames that interrupt. Files have a dialog, tasks have `<tidings-task>`, everything else waits in the bell's list. */
const toasted = /^(user_message|user_notification|generic_message|notification|oracle_upload_(completed|failed))$/;

/** Time between two updates of the toasts' age, in milliseconds. */
const step = 250;

/** The element that shows toasts. */
interface ToastsHost extends PartHost {
  readonly element: ToastsElement;
  readonly attention: Attention;
  /** Takes the frames that came before this part did. */
  arrived(): ServerFrame[];
  loadInbox(): Promise<typeof inbox>;
}

/** Renders the toasts: a stack, the newest on top. */
export class Toasts implements Part, ToastsRenderer {
  readonly #host: ToastsHost;
  readonly #list = new ToastList();
  /** Frames since the last render. */
  readonly #arrived: ServerFrame[];
  #details: typeof inbox | undefined;
  /** True once a pointer has moved on the stack. One that lay there when a toast appeared is nobody who reads. */
  #hasMoved = false;
  /** The toast whose last action was refused. */
  #refused = '';
  #children: KeyedChildren<Toast>;
  /** The element that shows the toasts now: the host's, or a stand-in inside a modal. */
  #shownIn: ToastsElement;

  constructor(host: ToastsHost) {
    this.#host = host;
    this.#arrived = host.arrived();
    this.#shownIn = host.element;
    this.#children = this.#newChildren();
    new Ticker(
      host.element,
      step,
      () => this.#busy,
      () => {
        if (askLists('tidings-in-view')) this.#list.dismissAll();
        this.#list.pass(step, this.#held, this.#stack);
      },
    );
  }

  follow(client: TidingsClient): (() => void)[] {
    document.addEventListener('fullscreenchange', this.#raise);
    return [
      client.on('*', (frame) => {
        if (!('id' in frame || 'returned' in frame)) return;
        this.#arrived.push(frame);
        this.#soon();
      }),
      client.inbox.onChange(this.#soon),
      () => {
        document.removeEventListener('fullscreenchange', this.#raise);
        this.#arrived.length = 0;
        this.#list.clear();
        this.#place();
      },
    ];
  }

  /** A hidden page has no animation frames, and still handles notifications. */
  readonly #soon = (): void => (document.hidden ? this.#update() : this.#host.scheduleRender());
  readonly #update = (): void => this.#host.element.requestUpdate();

  willUpdate(): void {
    const arrived = this.#arrived.splice(0);
    const isSilent = arrived.length > 0 && (!this.#host.attention.here || askLists('tidings-in-view'));
    for (const frame of arrived) this.#take(frame, isSilent);
    for (const { id } of this.#list.toasts) if (isDealtWith(this.#client, id)) this.#list.dismiss(id);
    this.#place();
  }

  get #client(): TidingsClient {
    return this.#host.client();
  }

  #take(frame: ServerFrame, isSilent: boolean): void {
    // A snooze that has ended is news as well.
    const returned = frame.type === 'receipts' && !frame.replayed && frame.returned;
    for (const one of returned || [frame]) {
      const notice = one as NotificationFrame;
      const { id, actions, answer, task } = notice;
      const buttons = actions && !answer;
      const isUrgent = !!buttons || describeFrame(notice).tone === 'error';
      const toast = { id, frame: notice, isUrgent, stays: isRunning(taskOf(notice)) };
      if (!returned && !isNews(notice)) this.#list.update(toast, this.#host.element);
      else if ((buttons || task || toasted.test(notice.type)) && !isSilent) {
        this.#list.put(toast, this.#stack);
        if (buttons || task) this.#loadDetails();
      }
    }
  }

  /** Loads buttons and progress with the first toast that has any. Without them, a toast shows its text alone. */
  #loadDetails(): void {
    if (this.#details) return;
    this.#host.loadInbox().then(
      (part) => {
        this.#details = part;
        this.#host.addStyles(part.toastDetailsStyles);
        // A stand-in is made anew, with these styles.
        if (this.#shownIn !== this.#host.element) this.#shownIn.remove();
        this.#update();
      },
      () => {},
    );
  }

  /** Shows the toasts inside the modal that is in front, outside of which the page is inert; once it is closed, in their own place. */
  #place(): void {
    const { element } = this.#host;
    const modal = this.#busy ? topModal() : null;
    const isDead = modal ? !modal.contains(element) : this.#busy && !!element.closest('[inert]');
    // A video or picture that fills the screen can hold no element.
    const place = isDead && !modal?.matches('video, iframe, img, canvas') ? (modal ?? document.body) : null;
    const standsIn = this.#shownIn === element ? null : this.#shownIn;
    if ((standsIn?.parentNode ?? null) === place) return;
    standsIn?.remove();
    this.#shownIn = place ? element.addStandIn(place, this) : element;
    this.#children = this.#newChildren();
  }

  #newChildren(): KeyedChildren<Toast> {
    return new KeyedChildren('li', (toast) => this.#toast(toast));
  }

  /** Puts the toasts in front again, after an element has begun to fill the screen. */
  readonly #raise = (): void => {
    this.#region?.hidePopover();
    this.#update();
  };

  get #busy(): boolean {
    return this.#list.toasts.length + this.#list.more > 0;
  }

  get #region(): HTMLElement | null {
    return this.#shownIn.renderRoot?.querySelector('.region');
  }

  #isOn(state: string): boolean {
    return !!this.#region?.matches(state);
  }

  get #stack(): StackState {
    const { max, duration } = this.#host.element;
    const room = Math.floor(innerHeight / (innerWidth < 480 ? 240 : 160));
    const isPointed = this.#hasMoved && this.#isOn(':hover') && !matchMedia('(hover: none)').matches;
    return { max: Math.max(1, Math.min(max, room)), duration, isPointed };
  }

  /** Toasts do not age while the user reads them, or while the page is hidden. A touched toast counts as hovered until the next touch. */
  get #held(): boolean {
    return this.#stack.isPointed || this.#isOn(':focus-within') || document.visibilityState !== 'visible';
  }

  /** A browser sends no move to what appears under a pointer at rest, though it is entered. */
  readonly #pointed = ({ type }: PointerEvent): void => {
    this.#hasMoved = type === 'pointermove';
  };

  /** Dismisses a toast; the focus goes to a neighbour rather than nowhere. */
  #dismiss({ id }: Toast): void {
    const buttons = [...this.#shownIn.renderRoot.querySelectorAll<HTMLElement>('.shown .close')];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    if (at >= 0) (buttons[at + 1] ?? buttons[at - 1])?.focus();
    this.#list.dismiss(id);
    this.#update();
  }

  get #use(): Parameters<typeof toastDetails>[1] {
    return { words: this.#host.words(), client: this.#client, asked: (answer, { id }) => this.#ask(id, answer) };
  }

  /** Shows in the toast that the server has refused its action. */
  async #ask(id: string, answer: Promise<void>): Promise<void> {
    this.#refused = await answer.then(
      () => '',
      () => id,
    );
    this.#update();
  }

  readonly #dismissAll = (): void => {
    this.#list.dismissAll();
    this.#update();
  };

  /** Shows the folded toasts: in a list of the page, or else here. The focus moves to the first of them. */
  readonly #showMore = async (): Promise<void> => {
    const { element } = this.#host;
    if (this.#shownIn === element && askLists('tidings-more')) return this.#dismissAll();
    const first = this.#list.toasts.length;
    this.#list.unfold(this.#stack, (id) => isDealtWith(this.#client, id));
    this.#update();
    await element.updateComplete;
    await this.#shownIn.updateComplete;
    this.#region?.querySelectorAll<HTMLElement>('.close')[first]?.focus();
  };

  #followLink(toast: Toast): void {
    this.#client.inbox.markRead(toast.id).catch(() => {});
    this.#dismiss(toast);
  }

  updated(element: ToastsElement = this.#host.element): void {
    if (this.#shownIn !== element) {
      this.#shownIn.requestUpdate();
      return;
    }
    const region = this.#region as HTMLElement;
    this.#children.show(region.firstElementChild as Element, this.#list.toasts, (toast) => toast.id);
    if (!this.#busy) this.#hasMoved = false;
    if (this.#busy !== region.matches(':popover-open')) region.togglePopover(this.#busy);
  }

  /** The toasts, and for screen readers two live regions: a region's text is read aloud only if the region was in the page before it. */
  render(element: ToastsElement = this.#host.element): TemplateResult {
    if (this.#shownIn !== element) return html``;
    const words = this.#host.words();
    const { more } = this.#list;
    const speaks = !!this.#region;
    if (!speaks) this.#shownIn.updateComplete.then(() => this.#shownIn.requestUpdate());
    return html`
      <div class="spoken" role="status">${speaks ? this.#newest(false) : nothing} ${more ? words.more(more) : nothing}</div>
      <div class="spoken" role="alert">${speaks ? this.#newest(true) : nothing}</div>
      <section class="region" part="region" popover="manual" aria-label=${words.notifications}
        @pointermove=${this.#pointed} @pointerleave=${this.#pointed}>
        <ul role="list"></ul>
        ${
          more
            ? html`<p class="more" part="more">
                <button class="quiet" @click=${this.#showMore}><bdi>${words.more(more)}</bdi></button>
                <button class="quiet" @click=${this.#dismissAll}>${words.dismissAll}</button>
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
    return `${this.#host.words()[tone]}: ${title && message ? `${title}. ${message}` : title || message}`;
  }

  #toast(toast: Toast): TemplateResult {
    const words = this.#host.words();
    const { tone, title, message, link } = describeFrame(toast.frame);
    const item = this.#client.inbox.getSnapshot().items.find(({ id }) => id === toast.id);
    const dismiss = () => this.#dismiss(toast);
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      // It closes nothing else, as a dialog around the toast.
      event.preventDefault();
      event.stopPropagation();
      dismiss();
    };
    return html`
      <div class=${toast.phase} ?inert=${toast.phase === 'leaving'} @keydown=${pressed}>
        <div class="fold">
          <div class="toast tint ${tone}" part="toast ${tone}" @pointerdown=${(down: PointerEvent) => swipe(down, dismiss)}>
            ${icon(tone)}
            <div class="body">
              <span class="spoken">${words[tone]}</span>
              ${title ? html`<p class="title" part="title" dir="auto">${title}</p>` : nothing}
              ${message ? html`<p class="message" part="message" dir="auto">${message}</p>` : nothing}
              ${
                link
                  ? html`<a class="link" part="link" href=${link.href} rel="noopener" target=${link.target}
                      @click=${() => this.#followLink(toast)}>${words[link.action]}</a>`
                  : nothing
              }
              ${item ? this.#details?.toastDetails(item, this.#use) : nothing}
              ${this.#refused === toast.id ? html`<p class="live subtle error" role="alert">${words.actionFailed}</p>` : nothing}
            </div>
            <button class="close" part="close" aria-label=${words.dismiss} @click=${dismiss}>${icon('close')}</button>
          </div>
        </div>
      </div>
    `;
  }
}
