import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { bellStyles } from './bell.css.ts';
import { type BellRow, bellRows } from './bell-rows.ts';
import { describeFrame } from './describe-frame.ts';
import { formatAgo } from './format.ts';
import { icon } from './icons.ts';
import { KeyedChildren } from './keyed-children.ts';
import { Ticker } from './ticker.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

/**
 * `<tidings-bell>`: a bell with the number of unread notifications, which opens the list of them. Choosing one marks it as read and
 * follows its link, if it has one. Escape, or a press elsewhere, closes the list.
 *
 * Parts: `button`, `badge`, `panel`, `mark-all`, `connection`, `list`, `item` (with `unread`), `more`, `empty`.
 */
export class TidingsBell extends TidingsElement {
  static override styles = [tokens, bellStyles];

  #panel: 'open' | 'closed' = 'closed';
  /** How the last thing asked of the server went. */
  #asked: 'fine' | 'refused' = 'fine';
  readonly #children = new KeyedChildren<BellRow>('li', (row) => this.#row(row));

  constructor() {
    super();
    new Ticker(this, 30_000, () => this.#panel === 'open');
  }

  protected override follow(client: TidingsClient): (() => void)[] {
    const look = () => this.requestUpdate();
    return [client.onState(look), client.inbox.onChange(look)];
  }

  /** Tells of a refusal in the panel; a success takes that back. */
  async #ask(asked: Promise<void>): Promise<void> {
    this.#asked = await asked.then(
      () => 'fine' as const,
      () => 'refused' as const,
    );
    this.requestUpdate();
  }

  #toggled(event: ToggleEvent): void {
    this.#panel = event.newState === 'open' ? 'open' : 'closed';
    this.#asked = 'fine';
    const [bell, , panel] = this.renderRoot.children;
    if (this.#panel === 'closed' && panel?.matches(':focus-within')) (bell as HTMLElement).focus();
    this.requestUpdate();
  }

  protected override updated(): void {
    const list = this.renderRoot.querySelector('ul');
    if (list) this.#children.show(list, bellRows(this.source.inbox.getSnapshot().items), (row) => row.key);
  }

  protected override render(): TemplateResult {
    const { words } = this;
    const { unreadCount } = this.source.inbox.getSnapshot();
    const count = words.unread(unreadCount);
    return html`
      <button class="bell" part="button" popovertarget="panel" aria-haspopup="dialog"
        aria-label="${words.notifications}, ${count}" aria-expanded=${this.#panel === 'open'}>
        ${icon('bell')}
        ${
          unreadCount > 0
            ? html`<span class="badge" part="badge" aria-hidden="true">${unreadCount > 99 ? '99+' : unreadCount}</span>`
            : nothing
        }
      </button>
      <span class="spoken" role="status" aria-live="polite">${count}</span>
      <div id="panel" class="panel" part="panel" popover role="dialog" tabindex="-1" autofocus
        aria-label=${words.notifications} @beforetoggle=${this.#toggled}>
        ${this.#panel === 'open' ? this.#content() : nothing}
      </div>
    `;
  }

  #content(): TemplateResult {
    const { words } = this;
    const { inbox, state } = this.source;
    const { items, unreadCount, status, hasMore } = inbox.getSnapshot();
    const connection = state.status === 'connected' ? '' : words[state.status];
    const loading = status === 'loading';
    return html`
      <header>
        <h2>${words.notifications}</h2>
        <button class="quiet" part="mark-all" aria-disabled=${unreadCount === 0}
          @click=${() => unreadCount > 0 && this.#ask(inbox.markAllRead())}>${words.markAllRead}</button>
      </header>
      <div role="status">
        ${
          connection
            ? html`<p class="line tint ${state.status === 'closed' ? 'error' : 'warning'}" part="connection">
                ${connection}
              </p>`
            : nothing
        }
        ${this.#asked === 'refused' ? html`<p class="line tint error">${words.actionFailed}</p>` : nothing}
      </div>
      <div class="scroller">
        ${
          items.length === 0 && status === 'ready'
            ? html`<div class="empty subtle" part="empty">
                <span class="disc">${icon('bell')}</span>
                <p class="title">${words.emptyTitle}</p>
                <p>${words.emptyText}</p>
              </div>`
            : html`<ul role="list" part="list"></ul>`
        }
        ${
          hasMore
            ? html`<button class="quiet older" part="more" aria-disabled=${loading}
                @click=${() => this.#ask(inbox.loadMore())}>${loading ? words.loading : words.loadMore}</button>`
            : nothing
        }
      </div>
    `;
  }

  #row({ newest, ids, read }: BellRow): TemplateResult {
    const { words } = this;
    const { timestamp } = newest.frame;
    const { tone, icon: sign, title, message, link } = describeFrame(newest.frame);
    const choose = () => {
      if (!read) void this.#ask(this.source.inbox.markRead(ids));
    };
    const mark = read ? '' : 'unread';
    const content = html`
      <span class="disc tint ${tone}">${icon(sign)}</span>
      <div class="body">
        <div class="row">
          <span class="title"><bdi>${title || message}</bdi></span>
          <time class="subtle" datetime=${timestamp}>${formatAgo(timestamp, Date.now(), words.locale)}</time>
        </div>
        ${title && message ? html`<p class="message subtle"><bdi>${message}</bdi></p>` : nothing}
      </div>
      <span class="dot">${mark ? html`<span class="spoken">${words.unreadMark}</span>` : nothing}</span>
    `;
    return link
      ? html`<a class="item ${mark}" part="item ${mark}" href=${link.href} rel="noopener" target=${link.target}
          @click=${choose} @auxclick=${choose}>${content}</a>`
      : html`<button class="item ${mark}" part="item ${mark}" @click=${choose}>${content}</button>`;
  }
}
