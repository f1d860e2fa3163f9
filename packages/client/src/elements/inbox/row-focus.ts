import type { KeyedChildren } from '../keyed-children.ts';
import type { Row } from './rows.ts';

/**
 * The focus among rows. One row is in the order of Tab, and is always rendered; the arrows make another row that one. When a row goes,
 * its neighbour takes the focus.
 */
export class RowFocus {
  /** The key of the row that is in the order of Tab. */
  current: string | undefined;
  readonly #root: () => ShadowRoot;
  readonly #children: KeyedChildren<Row>;
  readonly #changed: () => void;
  #rows: readonly Row[] = [];
  /** True if the focus was in a row before rows changed, or is to move to one. */
  #isInside = false;
  #isMoving = false;

  /** @param changed renders at once */
  constructor(root: () => ShadowRoot, children: KeyedChildren<Row>, changed: () => void) {
    this.#root = root;
    this.#children = children;
    this.#changed = changed;
  }

  /** Notes the focus, before other rows are shown. */
  remember(next: readonly Row[]): void {
    this.#isInside = !!this.#root().activeElement?.closest('li');
    if (next !== this.#rows && !next.some(({ key }) => key === this.current)) {
      const at = this.#rows.findIndex(({ key }) => key === this.current);
      this.current = (next[at] ?? next.at(at < 0 ? 0 : -1))?.key;
    }
    this.#rows = next;
  }

  /** Restores the focus, once they are shown. */
  restore(): void {
    if (this.#isMoving || (this.#isInside && !this.#root().activeElement)) this.#focus();
    this.#isInside = this.#isMoving = false;
  }

  /** Takes the focus once rows are shown again. */
  take(): void {
    this.#isMoving = true;
  }

  /** Focuses the row that is in the order of Tab; if there is none, the list. */
  #focus(): void {
    const row = this.#children.get(this.current ?? '');
    const target = row?.querySelector<HTMLElement>('.main') ?? this.#root().querySelector<HTMLElement>('.scroller');
    target?.focus();
  }

  readonly enter = (event: FocusEvent): void => {
    const row = (event.target as Element).closest('li');
    const entered = row && this.#rows[Number(row.dataset.index)];
    if (!entered || entered.key === this.current) return;
    this.current = entered.key;
    this.#changed();
  };

  readonly move = (event: KeyboardEvent): void => {
    const row = (event.target as Element).closest('li');
    const at = Number(row?.dataset.index ?? -1);
    const last = this.#rows.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    this.current = this.#rows[Math.max(0, Math.min(to, last))]?.key;
    this.take();
    this.#changed();
  };
}
