import { html, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import type { InboxStrings } from '../strings.ts';
import { drawing } from './drawings.ts';

/** The text of an empty list. */
export function renderEmpty(tab: string, search: string, words: InboxStrings): TemplateResult {
  const titles: Record<string, string> = {
    all: words.emptyTitle,
    unread: words.emptyUnread,
    snoozed: words.emptySnoozed,
    archived: words.emptyArchived,
  };
  const title = search ? words.emptySearch(search) : (titles[tab] ?? words.emptyCategory);
  const sign = search
    ? drawing('search')
    : tab === 'snoozed'
      ? drawing('clock')
      : tab === 'archived'
        ? drawing('archive')
        : icon(tab === 'all' ? 'bell' : 'check');
  return html`<div class="empty subtle" part="empty">
    <span class="disc">${sign}</span>
    <p class="title"><bdi>${title}</bdi></p>
    <p ?hidden=${tab !== 'all' || search !== ''}>${words.emptyText}</p>
  </div>`;
}

/** The shape of what is being loaded. */
export const skeleton = (): TemplateResult => html`<div class="skeleton" aria-hidden="true">
  ${[1, 2, 3, 4].map(() => html`<div class="item"><span class="dot"></span><span class="disc"></span><div class="body"><p></p><p></p></div></div>`)}
</div>`;
