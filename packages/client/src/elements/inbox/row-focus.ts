import type { KeyedChildren } from '../keyed-children.ts';
import type { Row } from './rows.ts';

/** The focus among rows: one row is in the order of Tab, the arrows move, and where a row goes its neighbour takes the focus. */
export class RowFocus {
  /** The key of the row that is in the order of Tab. */
  current: string | undefined;
  readonly #root: () => ShadowRoot;
  readonly #children: KeyedChildren<Row>;
  readonly #changed: () => void;
  #rows: readonly Row[] = [];
  /** Where the focus was before rows changed; -1 where it was in none. */
  #at = -1;

  constructor(root: () => ShadowRoot, children: KeyedChildren<Row>, changed: () => void) {
    this.#root = root;
    this.#children = children;
    this.#changed = changed;
  }

  /** Before other rows are shown. */
  remember(next: readonly Row[]): void {
    const row = this.#root().activeElement?.closest('li');
    this.#at = row ? this.#rows.findIndex(({ key }) => this.#children.get(key) === row) : -1;
    this.#rows = next;
    if (!next.some(({ key }) => key === this.current)) this.current = next[Math.max(0, this.#at)]?.key ?? next[0]?.key;
  }

  /** Once they are shown. */
  restore(): void {
    if (this.#at >= 0 && !this.#root().activeElement) this.#focus(Math.min(this.#at, this.#rows.length - 1));
    this.#at = -1;
  }

  readonly enter = (event: FocusEvent): void => {
    const row = (event.target as Element).closest('li');
    const entered = this.#rows.find(({ key }) => this.#children.get(key) === row);
    if (!entered || entered.key === this.current) return;
    this.current = entered.key;
    this.#changed();
  };

  readonly move = (event: KeyboardEvent): void => {
    const row = (event.target as Element).closest('li');
    const at = this.#rows.findIndex(({ key }) => this.#children.get(key) === row);
    const last = this.#rows.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    this.#focus(Math.max(0, Math.min(to, last)));
  };

  #focus(at: number): void {
    const key = this.#rows[at]?.key;
    const row = key === undefined ? undefined : this.#children.get(key);
    const target = row?.querySelector<HTMLElement>('.main') ?? this.#root().querySelector<HTMLElement>('.scroller');
    target?.focus();
  }
}
