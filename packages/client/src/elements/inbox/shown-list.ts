import type { TidingsClient } from '../../client.ts';
import type { InboxSnapshot, InboxView } from '../../inbox-list.ts';
import { inboxView } from '../../inbox-view.ts';
import type { InboxStrings } from '../strings.ts';
import { type Row, rowsOf } from './rows.ts';
import { type Tab, tabsOf } from './tabs.ts';

/** Pause after the last key before a search, in milliseconds. */
const searchAfter = 250;

/** The context of the list that is shown. */
interface ListUse {
  client(): TidingsClient;
  words(): InboxStrings;
  /** Another list is shown. */
  opened(): void;
  /** The list that is shown has changed. */
  changed(): void;
}

/** The list that is shown: a tab of the inbox, or the matches of a search in it. */
export class ShownList {
  /** The key of the tab that is chosen. */
  tab = 'all';
  /** The text of the search. */
  search = '';
  readonly #use: ListUse;
  /** Categories seen so far, so that a tab stays after its last unread notification. */
  readonly #categories = new Set<string>();
  #searching: ReturnType<typeof setTimeout> | undefined;
  /** The view that is shown; null for the inbox itself. */
  #view: InboxView | null = null;
  #items: InboxSnapshot['items'] = [];
  #rows: Row[] = [];

  constructor(use: ListUse) {
    this.#use = use;
  }

  get snapshot(): InboxSnapshot {
    return this.#list.getSnapshot();
  }

  /** The same array until its items change. */
  get rows(): readonly Row[] {
    const { items } = this.snapshot;
    if (items !== this.#items) this.#rows = rowsOf(items);
    this.#items = items;
    return this.#rows;
  }

  get tabs(): Tab[] {
    const { items, counts } = this.#use.client().inbox.getSnapshot();
    for (const name of Object.keys(counts.categories)) this.#categories.add(name);
    for (const { category } of items) if (category) this.#categories.add(category);
    return tabsOf(this.#categories, counts, this.#use.words());
  }

  /** Shows a tab, and the matches of the search in it. */
  open(tab = this.tab): void {
    this.close();
    this.tab = tab;
    const filter = this.tabs.find(({ key }) => key === tab)?.filter;
    const q = this.search.trim();
    if (q || tab !== 'all') {
      this.#view = inboxView(this.#use.client(), { ...filter, ...(q && { q }) });
      this.#view.onChange(this.#use.changed);
    }
    this.#use.opened();
  }

  close(): void {
    clearTimeout(this.#searching);
    this.#view?.close();
    this.#view = null;
  }

  more(): void {
    this.#list.loadMore().catch(() => {});
  }

  /** Loads what a replay has left out: it brings what is unread, and what was read lies between. */
  fill(): void {
    if (!this.#view && this.snapshot.status === 'ready' && !this.#use.client().inbox.isLoaded) this.more();
  }

  readonly typed = (event: Event): void => {
    this.search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => this.open(), searchAfter);
  };

  /** Escape clears the search first, and only then closes what it is in. */
  readonly cleared = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.search) return;
    event.preventDefault();
    this.search = '';
    this.open();
  };

  get #list(): Omit<InboxView, 'close'> {
    return this.#view ?? this.#use.client().inbox;
  }
}
