import { html, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import { isRunning } from '../describe-frame.ts';
import { KeyedChildren } from '../keyed-children.ts';
import type { Part, PartHost } from '../part-slot.ts';
import type { InboxStrings } from '../strings.ts';
import { Ticker } from '../ticker.ts';
import { drawing } from './drawings.ts';
import { listContent, markAllButton, statusLines } from './pane-content.ts';
import { type RowUse, renderRow } from './row.ts';
import { RowActions } from './row-actions.ts';
import { RowFocus } from './row-focus.ts';
import { RowWindow } from './row-window.ts';
import type { Row } from './rows.ts';
import { SeenMarks } from './seen-marks.ts';
import { ShownList } from './shown-list.ts';
import { SnoozeMenu } from './snooze-menu.ts';
import { renderTabs, type Tab } from './tabs.ts';
import { allWords } from './words.ts';

/** True while the user points at the offer to undo, or while the page is hidden. A touch counts as pointing until the next touch. */
function isHeld(offer: Element | null): boolean {
  const reading = matchMedia('(hover: none)').matches ? ':focus-within' : ':hover, :focus-within';
  return document.visibilityState !== 'visible' || !!offer?.matches(reading);
}

/** The element that shows an inbox. */
interface InboxHost extends PartHost {
  /** `panel` is as large as there is room, and scrolls; `page` is as long as it gets. */
  readonly kind: 'panel' | 'page';
  /** True if it is visible. */
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
  readonly #list: ShownList;
  readonly #actions: RowActions;
  readonly #menu: SnoozeMenu;
  readonly #focus: RowFocus;
  /** Rows whose whole text is shown. */
  readonly #unfolded = new Set<string>();
  readonly #seen = new SeenMarks((ids) => this.#host.client().inbox.markSeen(ids));
  readonly #window: RowWindow;
  readonly #end: IntersectionObserver;

  constructor(host: InboxHost) {
    this.#host = host;
    const root = () => host.element.renderRoot as ShadowRoot;
    const use = { client: () => host.client(), words: () => this.words };
    this.#list = new ShownList({ ...use, opened: this.#opened, changed: host.scheduleRender });
    this.#actions = new RowActions({ ...use, show: this.#show });
    this.#menu = new SnoozeMenu(root, (row, until) => this.#actions.snooze(row, until));
    this.#focus = new RowFocus(root, this.#children, this.#show);
    this.#window = new RowWindow(this.#children, host.scheduleRender);
    this.#end = new IntersectionObserver((entries) => {
      if (this.#list.snapshot.status === 'ready' && entries.some((one) => one.isIntersecting)) this.#list.more();
    });
    const { undo } = this.#actions;
    new Ticker(host.element, 30_000, () => host.isOpen());
    const isMoving = () => undo.isShown || this.#list.snapshot.items.some(({ task }) => isRunning(task));
    new Ticker(
      host.element,
      1_000,
      () => host.isOpen() && isMoving(),
      () => isHeld(root().querySelector('.undo')) || undo.pass(1_000),
    );
  }

  follow(client: TidingsClient): (() => void)[] {
    this.#list.open();
    this.#seen.forget();
    const close = () => {
      this.#list.close();
      this.#window.close();
    };
    return [client.onState(this.#show), client.inbox.onChange(this.#host.scheduleRender), close];
  }

  /** Shows the rows, which keep their elements, and then the parts that need them. */
  updated(): void {
    if (!this.#host.isOpen()) {
      this.#actions.undo.dismiss();
      this.#window.close();
      return;
    }
    const root = this.#host.element.renderRoot;
    const { snapshot, rows } = this.#list;
    const list = root.querySelector<HTMLElement>('.list');
    if (list) this.#window.show(list, rows, this.#focus.current, !snapshot.hasMore);
    this.#focus.restore();
    this.#menu.updated();
    this.#end.disconnect();
    const end = root.querySelector('.older');
    if (end) this.#end.observe(end);
    this.#list.fill();
    if (document.visibilityState === 'visible') this.#seen.show(snapshot.items);
  }

  render(): TemplateResult {
    const { words } = this;
    const list = this.#list;
    const { tabs } = list;
    const tab = tabs.find(({ key }) => key === list.tab) as Tab;
    const actions = this.#actions;
    const client = this.#host.client();
    const { counts } = client.inbox.getSnapshot();
    this.#focus.remember(list.rows);
    return html`<div class="pane in-${this.#host.kind}">
      <header role="none">
        <h2>${words.notifications}</h2>
        ${markAllButton(list, counts, words, () => actions.readAll())}
      </header>
      ${renderTabs(tabs, tab, words, ({ key }) => list.open(key))}
      <label class="search" part="search">
        ${drawing('search')}
        <input type="search" placeholder=${words.search} aria-label=${words.search} maxlength="200" .value=${list.search}
          @input=${list.typed} @keydown=${list.cleared} />
      </label>
      <div role="status">${statusLines(client.state.status, actions.isRefused, words)}</div>
      <div class="scroller" id="list" role="tabpanel" aria-labelledby="tab" tabindex="-1" @keydown=${this.#focus.move}
        @focusin=${this.#focus.enter}>
        ${listContent(list, words)}
      </div>
      ${actions.undo.render(words, (answer) => this.#takeBack(answer))} ${this.#menu.render(words, new Date(client.now()))}
    </div>`;
  }

  get words(): InboxStrings {
    return allWords(this.#host.words());
  }

  get #use(): RowUse {
    const actions = this.#actions;
    return {
      words: this.words,
      now: this.#host.client().now(),
      client: this.#host.client(),
      current: this.#focus.current,
      unfolded: this.#unfolded,
      asked: (answer) => actions.ask(answer),
      choose: (row) => this.#choose(row),
      read: (row) => actions.read(row),
      act: (act, row) => actions.act(act, row),
      snooze: (row, button) => {
        this.#menu.open(row, button);
        this.#show();
      },
    };
  }

  /** Renders at once, after an action of the user. */
  readonly #show = (): void => this.#host.element.requestUpdate();

  /** Shows another list from its top. */
  readonly #opened = (): void => {
    this.#host.element.renderRoot.querySelector('.scroller')?.scrollTo(0, 0);
    this.#show();
  };

  #choose(row: Row): void {
    if (!this.#unfolded.delete(row.key)) this.#unfolded.add(row.key);
    this.#actions.read(row);
    this.#show();
  }

  /** Moves the focus, since the focused button goes. */
  #takeBack(answer: Promise<void>): void {
    this.#focus.take();
    void this.#actions.ask(answer);
  }
}
