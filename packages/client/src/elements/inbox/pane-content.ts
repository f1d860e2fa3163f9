import { html, nothing, type TemplateResult } from 'lit';
import type { InboxSnapshot } from '../../inbox-list.ts';
import type { ClientStatus } from '../../state.ts';
import type { InboxStrings } from '../strings.ts';
import { renderEmpty, skeleton } from './empty.ts';
import type { ShownList } from './shown-list.ts';

/** The button that marks all as read, where the list that is shown may hold all that is unread. */
export function markAllButton(
  { search, tab }: ShownList,
  { unread }: InboxSnapshot['counts'],
  words: InboxStrings,
  press: () => void,
): TemplateResult | typeof nothing {
  if (!['all', 'unread'].includes(tab) || search) return nothing;
  return html`<button class="quiet" part="mark-all" aria-disabled=${unread === 0}
    @click=${() => unread > 0 && press()}>${words.markAllRead}</button>`;
}

/** The state of the connection unless it is connected, and the refusal of the last action. */
export const statusLines = (status: ClientStatus, isRefused: boolean, words: InboxStrings): TemplateResult => html`
  ${
    status === 'connected'
      ? nothing
      : html`<p class="line tint ${status === 'closed' ? 'error' : 'warning'}" part="connection">${words[status]}</p>`
  }
  ${isRefused ? html`<p class="line tint error">${words.actionFailed}</p>` : nothing}
`;

/** The list, or the text in its place, and the button that loads more. */
export function listContent(list: ShownList, words: InboxStrings): TemplateResult {
  const { items, status, hasMore } = list.snapshot;
  const isLoading = status === 'loading' || status === 'waiting';
  if (items.length === 0 && status === 'ready' && !hasMore) return renderEmpty(list.tab, list.search, words);
  const label = isLoading ? words.loading : status === 'failed' ? words.tryAgain : words.loadMore;
  return html`
    ${items.length > 0 ? html`<ul class="list" part="list" role="list"></ul>` : nothing}
    ${items.length === 0 && status !== 'failed' ? skeleton() : nothing}
    ${status === 'failed' ? html`<p class="failed subtle" role="alert">${words.loadFailed}</p>` : nothing}
    ${
      hasMore
        ? html`<button class="quiet older" part="more" aria-disabled=${isLoading} @click=${() => list.more()}
            >${label}</button>`
        : nothing
    }
  `;
}
