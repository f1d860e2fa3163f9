import type { RoomEvent } from '@tidings/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import { textOf } from '../describe-frame.ts';
import { formatAgo } from '../format.ts';
import { KeyedChildren } from '../keyed-children.ts';
import type { Part } from '../part-slot.ts';
import { Ticker } from '../ticker.ts';
import { avatar } from './avatar.ts';
import { OpenedRoom } from './opened-room.ts';
import type { RoomHost } from './room-host.ts';

/** The number of events from which on it is not asked by itself whether there are older ones. */
const enough = 20;

/** The events of a room: what `<tidings-activity>` shows. */
export class ActivityList implements Part {
  readonly #host: RoomHost;
  readonly #room: OpenedRoom;
  readonly #items = new KeyedChildren<RoomEvent>('li', (event) => this.#event(event));
  /** True once the end of a short list was looked for. */
  #hasLooked = false;

  constructor(host: RoomHost) {
    this.#host = host;
    this.#room = new OpenedRoom(host);
    new Ticker(host.element, 30_000, () => this.#room.snapshot !== null);
  }

  follow(client: TidingsClient): (() => void)[] {
    this.#hasLooked = false;
    return this.#room.follow(client);
  }

  updated(): void {
    const list = this.#host.element.renderRoot.querySelector('.events');
    const { events = [], hasMore, status } = this.#room.snapshot ?? {};
    const shown = events.filter((event) => this.#host.describe(event) !== null);
    if (list) this.#items.show(list, this.#host.isNewestLast() ? shown.toReversed() : shown, ({ id }) => id);
    if (!hasMore || status !== 'ready' || this.#hasLooked) return;
    this.#hasLooked = true;
    if (events.length < enough) this.#more();
  }

  readonly #more = (): void => {
    // The list itself says that it failed.
    this.#room.loadMore().catch(() => {});
  };

  render(): TemplateResult {
    const { words, snapshot } = this.#room;
    if (snapshot?.status === 'refused')
      return html`<p class="subtle" role="status" part="note">${words.roomRefused}</p>`;
    if (!snapshot || snapshot.status === 'waiting') {
      return html`<p class="subtle" role="status" part="note">${words.loading}</p>`;
    }
    const isLast = this.#host.isNewestLast();
    return html`${isLast ? this.#footer() : nothing}
      <section role="log" aria-label=${words.activity} aria-live=${snapshot.status === 'loading' ? 'off' : 'polite'}>
        ${snapshot.events.length ? nothing : html`<p class="subtle" part="note">${words.noActivity}</p>`}
        <ol class="events" role="list" part="list"></ol>
      </section>
      ${isLast ? nothing : this.#footer()}`;
  }

  /** Older events: where the list ends, or begins. */
  #footer(): TemplateResult | typeof nothing {
    const { words, snapshot } = this.#room;
    if (!snapshot?.hasMore || (snapshot.events.length < enough && snapshot.status !== 'failed')) return nothing;
    const isLoading = snapshot.status === 'loading';
    return html`<div class="more">
      ${snapshot.status === 'failed' ? html`<span class="subtle" role="alert">${words.loadFailed}</span>` : nothing}
      <button class="quiet" part="more" aria-disabled=${isLoading} @click=${() => !isLoading && this.#more()}
        ><bdi>${isLoading ? words.loading : snapshot.status === 'failed' ? words.tryAgain : words.showEarlier}</bdi></button>
    </div>`;
  }

  #event(event: RoomEvent): TemplateResult {
    const { words } = this.#room;
    const { from, timestamp } = event;
    const name = from && this.#room.nameOf(from.username, from.user_id);
    const text = this.#host.describe(event) ?? undefined;
    const said = text ?? labelOf(event, words.events);
    const quote = text === undefined ? textOf(event.data, 'text') || textOf(event.data, 'message') : '';
    const exact = new Intl.DateTimeFormat(words.locale, { dateStyle: 'medium', timeStyle: 'short' });
    const at = Date.parse(timestamp);
    return html`<div class="event" part="event">
      ${from && name ? avatar(name, from.user_id) : html`<span class="mark"></span>`}
      <div class="body">
        <p>${name ? html`<bdi class="person" part="person">${name}</bdi> ` : nothing}<bdi part="text">${name ? said : capitalised(said)}</bdi>
          <time class="subtle" part="time" datetime=${timestamp} title=${Number.isNaN(at) ? '' : exact.format(at)}
            >${formatAgo(timestamp, this.#host.client().now(), words.locale)}</time></p>
        ${quote ? html`<p class="quote" part="quote"><bdi>${quote}</bdi></p>` : nothing}
      </div>
    </div>`;
  }
}

/** The text of an event by its name: that of the application, else the name as words. */
const labelOf = ({ event }: RoomEvent, labels: Record<string, string>): string =>
  (Object.hasOwn(labels, event) && labels[event]) || event.replaceAll(/[_.:-]+/g, ' ').trim();

const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);
