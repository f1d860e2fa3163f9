import { html, nothing, type TemplateResult } from 'lit';
import type { InboxFilter } from '../../inbox-view.ts';
import type { InboxCounts } from '../../records/unread-counts.ts';
import { spoken } from '../describe-frame.ts';
import type { InboxStrings } from '../strings.ts';
import { drawing } from './drawings.ts';
import { ownValue } from './own-value.ts';

/** One tab of the inbox. */
export interface Tab {
  key: string;
  label: string;
  /** The tab's filter; empty for the inbox itself. */
  filter: InboxFilter;
  unread: number;
  /** Shown as a drawing where there is little room. */
  sign?: TemplateResult;
}

/** All tabs, in their order: categories only if there are any. */
export function tabsOf(categories: Iterable<string>, counts: InboxCounts, words: InboxStrings): Tab[] {
  const named = [...categories].map((category) => ({
    key: `category ${category}`,
    label: ownValue(words.categories, category) ?? spoken(category),
    filter: { category },
    unread: ownValue(counts.categories, category) ?? 0,
  }));
  return [
    { key: 'all', label: words.all, filter: {}, unread: 0 },
    { key: 'unread', label: words.onlyUnread, filter: { unread: true }, unread: counts.unread },
    ...named.sort((a, b) => a.label.localeCompare(b.label, words.locale)),
    { key: 'snoozed', label: words.snoozed, filter: { view: 'snoozed' }, unread: 0, sign: drawing('clock') },
    { key: 'archived', label: words.archived, filter: { view: 'archived' }, unread: 0, sign: drawing('archive') },
  ];
}

/** A row of tabs: one is in the order of Tab, the arrows move among them and choose at once (WAI-ARIA Authoring Practices, tabs). */
export function renderTabs(
  tabs: readonly Tab[],
  chosen: Tab,
  words: InboxStrings,
  choose: (tab: Tab) => void,
): TemplateResult {
  const move = (event: KeyboardEvent): void => {
    const bar = event.currentTarget as HTMLElement;
    const forward = getComputedStyle(bar).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const back = forward === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
    const at = tabs.findIndex(({ key }) => key === chosen.key);
    const to = { [forward]: at + 1, [back]: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    choose(next);
    (bar.children[tabs.indexOf(next)] as HTMLElement).focus();
  };
  // For a mouse wheel that scrolls in one direction only.
  const turn = (event: WheelEvent): void => {
    const bar = event.currentTarget as HTMLElement;
    if (bar.scrollWidth <= bar.clientWidth || event.deltaX) return;
    event.preventDefault();
    bar.scrollLeft += getComputedStyle(bar).direction === 'rtl' ? -event.deltaY : event.deltaY;
  };
  return html`<div class="tabs" part="tabs" role="tablist" aria-label=${words.filter} @keydown=${move}
    @wheel=${turn}>
    ${tabs.map((tab) => {
      const isChosen = tab.key === chosen.key;
      return html`<button class="tab ${tab.sign ? 'aside' : ''}" part="tab" role="tab" id=${isChosen ? 'tab' : nothing}
        aria-selected=${isChosen} aria-controls="list" tabindex=${isChosen ? 0 : -1} title=${tab.sign ? tab.label : nothing}
        @click=${() => choose(tab)}>
        ${tab.sign}<bdi class=${tab.sign ? 'spoken' : 'label'} title=${tab.label}>${tab.label}</bdi>
        ${tab.unread ? html`<span class="count">${tab.unread > 99 ? '99+' : tab.unread}</span>` : nothing}
      </button>`;
    })}
  </div>`;
}
