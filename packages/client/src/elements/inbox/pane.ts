import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import type { InboxSnapshot, InboxView } from '../../inbox-list.ts';
import { inboxView } from '../../inbox-view.ts';
import { isRunning } from '../describe-frame.ts';
import { KeyedChildren } from '../keyed-children.ts';
import type { Part, PartHost } from '../part-slot.ts';
import type { ElementStrings } from '../strings.ts';
import { Ticker } from '../ticker.ts';
import { drawing } from './drawings.ts';
import { renderEmpty, skeleton } from './empty.ts';
import { type RowAct, type RowUse, renderRow } from './row.ts';
import { RowFocus } from './row-focus.ts';
import { RowWindow } from './row-window.ts';
import { type Row, rowsOf } from './rows.ts';
import { SeenMarks } from './seen-marks.ts';
import { SnoozeMenu } from './snooze-menu.ts';
import { formatUntil } from './snooze-times.ts';
import { renderTabs, type Tab, tabsOf } from './tabs.ts';
import { UndoBar } from './undo-bar.ts';
import { unreadIds } from './unread-ids.ts';
import { allWords } from './words.ts';

/** Pause after the last key before a search, in milliseconds. */
const searchAfter = 250;

/** True while the user points at the offer to undo, or while the page is hidden. A touch counts as pointing until the next touch. */
function isHeld(offer: Element | null): boolean {
  const reading = matchMedia('(hover: none)').matches ? ':focus-within' : ':hover, :focus-within';
  return document.visibilityState !== 'visible' || !!offer?.matches(reading);
}

/** The element that shows an inbox. */
interface InboxHost extends PartHost {
  /** `panel` is as large as there is room, and scrolls; `page` is as long as it gets. */
  readonly kind: 'panel' | 'page';
  /** Whether it is visible. */
  isOpen(): boolean;
}

/**
 * Renders the inbox: tabs, a search, and the list, with the actions and their undo.
 *
 * Parts: `mark-all`, `tabs`, `tab`, `search`, `connection`, `list`, `item` (with `unread`, `expired`), `act`, `action`, `progress`, `bar`,
 * `file`, `download`, `answer`, `note`, `more`, `empty`, `undo`, `menu`.
 */
export class InboxPane implements Part {
  readonly #host: InboxHost;
  readonly #children = new KeyedChildren<Row>('li', (row) => renderRow(row, this.#use));
  readonly #undo = new UndoBar();
  readonly #menu: SnoozeMenu;
  readonly #focus: RowFocus;
  /** Rows whose whole text is shown. */
  readonly #unfolded = new Set<string>();
  /** Categories seen so far, so that a tab stays after its last unread notification. */
  readonly #categories = new Set<string>();
  readonly #seen = new SeenMarks((ids) => this.#inbox.markSeen(ids));
  readonly #window: RowWindow;
  readonly #end: IntersectionObserver;
  #items: InboxSnapshot['items'] = [];
  #rows: Row[] = [];
  #tab = 'all';
  #search = '';
  #searching: ReturnType<typeof setTimeout> | undefined;
  /** The view that is shown; null for the inbox itself. */
  #view: InboxView | null = null;
  /** The result of the last action. */
  #asked: 'fine' | 'refused' = 'fine';

  constructor(host: InboxHost) {
    this.#host = host;
    const root = () => host.element.renderRoot as ShadowRoot;
    this.#menu = new SnoozeMenu(root, (row, until) => this.#snooze(row, until));
    this.#focus = new RowFocus(root, this.#children, this.#show);
    this.#window = new RowWindow(this.#children, host.scheduleRender);
    this.#end = new IntersectionObserver((entries) => {
      if (this.#list.getSnapshot().status === 'ready' && entries.some((one) => one.isIntersecting)) this.#more();
    });
    new Ticker(host.element, 30_000, () => host.isOpen());
    const isMoving = () => this.#undo.isShown || this.#list.getSnapshot().items.some(({ task }) => isRunning(task));
    new Ticker(
      host.element,
      1_000,
      () => host.isOpen() && isMoving(),
      () => isHeld(root().querySelector('.undo')) || this.#undo.pass(1_000),
    );
  }

  follow(client: TidingsClient): (() => void)[] {
    this.#open();
    this.#seen.forget();
    const close = () => {
      clearTimeout(this.#searching);
      this.#view?.close();
      this.#view = null;
      this.#window.close();
    };
    return [client.onState(this.#show), client.inbox.onChange(this.#host.scheduleRender), close];
  }

  /** Shows the rows, which keep their elements, and then the parts that need them. */
  updated(): void {
    if (!this.#host.isOpen()) {
      this.#undo.dismiss();
      this.#window.close();
      return;
    }
    const root = this.#host.element.renderRoot;
    const { items, status, hasMore } = this.#list.getSnapshot();
    const list = root.querySelector<HTMLElement>('.list');
    if (list) this.#window.show(list, this.#rows, this.#focus.current, !hasMore);
    this.#focus.restore();
    this.#menu.updated();
    this.#end.disconnect();
    const end = root.querySelector('.older');
    if (end) this.#end.observe(end);
    // A replay brings what is unread; what was read lies between.
    if (!this.#view && status === 'ready' && !this.#inbox.isLoaded) this.#more();
    if (document.visibilityState === 'visible') this.#seen.show(items);
  }

  render(): TemplateResult {
    const { words } = this;
    const tabs = this.#tabs;
    const tab = tabs.find(({ key }) => key === this.#tab) as Tab;
    const { items } = this.#list.getSnapshot();
    if (items !== this.#items) this.#rows = rowsOf(items);
    this.#items = items;
    this.#focus.remember(this.#rows);
    return html`<div class="pane in-${this.#host.kind}">
      <header role="none">
        <h2>${words.notifications}</h2>
        ${this.#markAll()}
      </header>
      ${renderTabs(tabs, tab, words, ({ key }) => this.#open(key))}
      <label class="search" part="search">
        ${drawing('search')}
        <input type="search" placeholder=${words.search} aria-label=${words.search} maxlength="200" .value=${this.#search}
          @input=${this.#typed} @keydown=${this.#cleared} />
      </label>
      <div role="status">${this.#lines()}</div>
      <div class="scroller" id="list" role="tabpanel" aria-labelledby="tab" tabindex="-1" @keydown=${this.#focus.move}
        @focusin=${this.#focus.enter}>
        ${this.#content(tab)}
      </div>
      ${this.#undo.render(words, (answer) => this.#takeBack(answer))} ${this.#menu.render(words, new Date(this.#host.client().now()))}
    </div>`;
  }

  get words(): ElementStrings {
    return allWords(this.#host.words());
  }

  get #inbox(): TidingsClient['inbox'] {
    return this.#host.client().inbox;
  }

  get #list(): Omit<InboxView, 'close'> {
    return this.#view ?? this.#inbox;
  }

  get #tabs(): Tab[] {
    const { items, counts } = this.#inbox.getSnapshot();
    for (const name of Object.keys(counts.categories)) this.#categories.add(name);
    for (const { category } of items) if (category) this.#categories.add(category);
    return tabsOf(this.#categories, counts, this.words);
  }

  /** Renders at once, after an action of the user. */
  readonly #show = (): void => this.#host.element.requestUpdate();

  // --- what is shown

  #markAll(): TemplateResult | typeof nothing {
    const { unread } = this.#inbox.getSnapshot().counts;
    if (!['all', 'unread'].includes(this.#tab) || this.#search) return nothing;
    return html`<button class="quiet" part="mark-all" aria-disabled=${unread === 0}
      @click=${() => unread > 0 && this.#readAll()}>${this.words.markAllRead}</button>`;
  }

  #lines(): TemplateResult {
    const { words } = this;
    const { status } = this.#host.client().state;
    return html`
      ${
        status === 'connected'
          ? nothing
          : html`<p class="line tint ${status === 'closed' ? 'error' : 'warning'}" part="connection">${words[status]}</p>`
      }
      ${this.#asked === 'refused' ? html`<p class="line tint error">${words.actionFailed}</p>` : nothing}
    `;
  }

  #content({ key }: Tab): TemplateResult {
    const { words } = this;
    const { items, status, hasMore } = this.#list.getSnapshot();
    const isLoading = status === 'loading' || status === 'waiting';
    if (items.length === 0 && status === 'ready' && !hasMore) return renderEmpty(key, this.#search, words);
    const label = isLoading ? words.loading : status === 'failed' ? words.tryAgain : words.loadMore;
    return html`
      ${items.length > 0 ? html`<ul class="list" part="list" role="list"></ul>` : nothing}
      ${items.length === 0 && status !== 'failed' ? skeleton() : nothing}
      ${status === 'failed' ? html`<p class="failed subtle" role="alert">${words.loadFailed}</p>` : nothing}
      ${
        hasMore
          ? html`<button class="quiet older" part="more" aria-disabled=${isLoading} @click=${() => this.#more()}
              >${label}</button>`
          : nothing
      }
    `;
  }

  get #use(): RowUse {
    return {
      words: this.words,
      now: this.#host.client().now(),
      client: this.#host.client(),
      current: this.#focus.current,
      unfolded: this.#unfolded,
      asked: (answer) => this.#ask(answer),
      choose: (row) => this.#choose(row),
      read: (row) => this.#read(row),
      act: (act, row) => this.#act(act, row),
      snooze: (row, button) => {
        this.#menu.open(row, button);
        this.#show();
      },
    };
  }

  // --- what is done

  /** Shows a tab, and the matches of the search in it. */
  #open(tab = this.#tab): void {
    clearTimeout(this.#searching);
    this.#tab = tab;
    this.#view?.close();
    const filter = this.#tabs.find(({ key }) => key === tab)?.filter;
    const q = this.#search.trim();
    this.#view = q || tab !== 'all' ? inboxView(this.#host.client(), { ...filter, ...(q && { q }) }) : null;
    this.#view?.onChange(this.#host.scheduleRender);
    this.#host.element.renderRoot.querySelector('.scroller')?.scrollTo(0, 0);
    this.#show();
  }

  readonly #typed = (event: Event): void => {
    this.#search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => this.#open(), searchAfter);
  };

  /** Escape clears the search first, and only then closes what it is in. */
  readonly #cleared = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.#search) return;
    event.preventDefault();
    this.#search = '';
    this.#open();
  };

  #more(): void {
    this.#list.loadMore().catch(() => {});
  }

  /** Shows a refusal; the next success removes it. */
  async #ask(answer: Promise<void>): Promise<void> {
    this.#show();
    this.#asked = await answer.then(
      () => 'fine' as const,
      () => 'refused' as const,
    );
    if (this.#asked === 'refused') this.#undo.dismiss();
    this.#show();
  }

  /** Moves the focus, since the focused button goes. */
  #takeBack(answer: Promise<void>): void {
    this.#focus.take();
    void this.#ask(answer);
  }

  async #readAll(): Promise<void> {
    // Without the ids that were unread, nothing can be undone.
    const ids = await unreadIds(this.#host.client()).catch(() => null);
    if (ids) this.#undo.offer(this.words.allReadNow, () => this.#inbox.markUnread(ids));
    await this.#ask(this.#inbox.markAllRead());
  }

  #choose(row: Row): void {
    if (!this.#unfolded.delete(row.key)) this.#unfolded.add(row.key);
    this.#read(row);
    this.#show();
  }

  #read({ ids, isCalm }: Row): void {
    if (!isCalm) void this.#ask(this.#inbox.markRead(ids));
  }

  #act(act: RowAct, { ids, newest }: Row): void {
    const inbox = this.#inbox;
    if (act === 'archive') this.#undo.offer(this.words.archivedNow, () => inbox.unarchive(ids));
    const acts = {
      read: () => inbox.markRead(ids),
      unread: () => inbox.markUnread(newest.id),
      archive: () => inbox.archive(ids),
      unarchive: () => inbox.unarchive(ids),
      unsnooze: () => inbox.unsnooze(ids),
    };
    void this.#ask(acts[act]());
  }

  #snooze({ ids }: Row, until: Date): void {
    const time = formatUntil(until, new Date(this.#host.client().now()), this.words.locale);
    this.#undo.offer(this.words.snoozedNow(time), () => this.#inbox.unsnooze(ids));
    void this.#ask(this.#inbox.snooze(ids, until));
  }
}
