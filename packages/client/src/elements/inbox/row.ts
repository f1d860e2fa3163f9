import { html, nothing, type TemplateResult } from 'lit';
import { describeFrame, isRunning } from '../describe-frame.ts';
import { formatAgo } from '../format.ts';
import { icon } from '../icons.ts';
import type { InboxStrings } from '../strings.ts';
import { type DrawingName, drawing } from './drawings.ts';
import { type DetailsContext, downloadOf, fileOf, itemDetails } from './item-details.ts';
import type { Row } from './rows.ts';
import { formatUntil } from './snooze-times.ts';

/** The actions that a row offers by one press. */
export type RowAct = 'read' | 'unread' | 'archive' | 'unarchive' | 'unsnooze';

/** The context in which a row is rendered. */
export interface RowUse extends DetailsContext {
  words: InboxStrings;
  now: number;
  /** The row that is in the order of Tab, with what it holds. */
  current: string | undefined;
  /** Rows whose whole text is shown. */
  unfolded: ReadonlySet<string>;
  choose: (row: Row) => void;
  /** Marks it as read. */
  read: (row: Row) => void;
  act: (act: RowAct, row: Row) => void;
  snooze: (row: Row, button: HTMLElement) => void;
}

/** One line of the list. The whole of it is pressed as its title is; what can be done with it lies above. */
export function renderRow(row: Row, use: RowUse): TemplateResult {
  const { newest: item, key, isCalm } = row;
  const { words, now } = use;
  const { timestamp } = item.frame;
  const { tone, icon: sign, title, message, link } = describeFrame({ ...item.frame, task: item.task });
  const tabindex = use.current === key ? 0 : -1;
  const marks = [isCalm ? '' : 'unread', item.expired ? 'expired' : ''].join(' ');
  const name = html`<span class="title" dir="auto">${title || message}</span>`;
  const isUnfolded = use.unfolded.has(key);
  const choose = () => use.choose(row);
  const page = link?.action === 'open' && !item.expired ? link : null;
  const file = link?.action === 'download' && !item.expired ? link : null;
  return html`
    <div class="item ${marks} ${isUnfolded ? 'unfolded' : ''}" part="item ${marks}">
      <span class="dot">${isCalm ? nothing : html`<span class="spoken">${words.unreadMark}</span>`}</span>
      <span class="disc tint ${tone}">${icon(sign)}</span>
      <div class="body">
        <div class="row">
          ${
            page
              ? html`<a class="main" tabindex=${tabindex} href=${page.href} rel="noopener" target=${page.target}
                  @click=${choose} @auxclick=${choose}>${name}</a>`
              : html`<button class="main" tabindex=${tabindex} aria-expanded=${isUnfolded} @click=${choose}>${name}</button>`
          }
          <time class="subtle" datetime=${timestamp}>${formatAgo(timestamp, now, words.locale)}</time>
        </div>
        ${title && message ? html`<p class="message subtle" dir="auto">${message}</p>` : nothing}
        ${item.frame.type === 'user_file' ? fileOf({ ...item.frame, file_name: '' }, words) : nothing}
        ${file ? html`<p class="live buttons">${downloadOf(file, words, () => use.read(row))}</p>` : nothing}
        ${itemDetails(item, use)} ${notes(row, use)}
      </div>
      ${acts(row, use, tabindex)}
    </div>
  `;
}

/** Notes on the row's state: expired, or snoozed until a time. */
function notes({ newest }: Row, { words, now }: RowUse): TemplateResult | typeof nothing {
  const { expired, snoozedUntil } = newest;
  if (expired) return html`<p class="note" part="note">${words.expired}</p>`;
  if (!snoozedUntil) return nothing;
  const time = formatUntil(new Date(snoozedUntil), new Date(now), words.locale);
  return html`<p class="note" part="note">${drawing('clock')}${words.until(time)}</p>`;
}

/** Buttons of the row, shown where it is pointed at or has the focus, and always where nothing can hover. */
function acts(row: Row, use: RowUse, tabindex: number): TemplateResult {
  const { words } = use;
  const { archived, snoozedUntil, task, expired, answer } = row.newest;
  // An expired or answered notification is neither read nor unread.
  const isOver = expired || answer !== null;
  const button = (name: DrawingName, label: string, press: (event: Event) => void, menu = false) =>
    html`<button class="act" part="act" tabindex=${tabindex} aria-label=${label} title=${label}
      aria-haspopup=${menu ? 'menu' : nothing} @click=${press}>${drawing(name)}</button>`;
  const act = (name: DrawingName, label: string, what: RowAct) => button(name, label, () => use.act(what, row));
  const snooze = (event: Event) => use.snooze(row, event.currentTarget as HTMLElement);
  if (archived) return html`<div class="acts">${act('unarchive', words.unarchive, 'unarchive')}</div>`;
  return html`<div class="acts">
    ${isOver ? nothing : row.isCalm ? act('unread', words.markUnread, 'unread') : act('read', words.markRead, 'read')}
    ${
      snoozedUntil
        ? act('unarchive', words.unsnooze, 'unsnooze')
        : isRunning(task) || expired
          ? nothing
          : button('clock', words.snooze, snooze, true)
    }
    ${act('archive', words.archive, 'archive')}
  </div>`;
}
