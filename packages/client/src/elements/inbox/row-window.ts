import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { KeyedChildren } from '../keyed-children.ts';
import type { Row } from './rows.ts';

/** The height of a row that was not rendered yet, in pixels: a title and one line of text. */
const estimated = 62;
/** Rows rendered beyond either edge of what can be seen. */
const overscan = 4;

/** Pixels between the top of what scrolls and the top of the list. */
interface Place {
  scroller: Element | Window;
  margin: number;
}

/**
 * The rows of a long list that can be seen: only they are elements, each at its place in a list as high as all of them. The row
 * that is in the order of Tab is always one of them. Rows that come above what is being read do not move it.
 */
export class RowWindow {
  readonly #children: KeyedChildren<Row>;
  readonly #changed: () => void;
  #virtualizer: Virtualizer<Element, HTMLElement> | null = null;
  #list: HTMLElement | null = null;
  #scroller: Element | Window | null = null;
  #rows: readonly Row[] = [];
  #keyAt = (index: number): string => this.#rows[index]?.key ?? '';
  #close = (): void => {};

  /** @param changed is called when other rows can be seen, or one was measured */
  constructor(children: KeyedChildren<Row>, changed: () => void) {
    this.#children = children;
    this.#changed = changed;
  }

  /**
   * Renders what can be seen.
   *
   * @param pinned the key of a row that is rendered wherever it is
   * @param isWhole whether there are no more rows than these, as assistive technology is told
   */
  show(list: HTMLElement, rows: readonly Row[], pinned: string | undefined, isWhole: boolean): void {
    // The virtualizer knows by this function whether rows are others.
    if (rows !== this.#rows) this.#keyAt = (index) => rows[index]?.key ?? '';
    this.#rows = rows;
    const place = placeOf(list);
    if (list !== this.#list || place.scroller !== this.#scroller) this.#begin(list, place);
    const virtualizer = this.#virtualizer as Virtualizer<Element, HTMLElement>;
    virtualizer.setOptions(
      this.#options(
        place,
        rows.findIndex(({ key }) => key === pinned),
      ),
    );
    virtualizer._willUpdate();
    const shown = virtualizer.getVirtualItems();
    list.style.blockSize = `${virtualizer.getTotalSize()}px`;
    this.#children.show(
      list,
      shown.map(({ index }) => rows[index] as Row),
      ({ key }) => key,
    );
    const elements = shown.map(({ key }) => this.#children.get(String(key)) as HTMLElement);
    for (const [at, { index, start }] of shown.entries()) {
      const row = elements[at] as HTMLElement;
      row.dataset.index = String(index);
      row.ariaPosInSet = String(index + 1);
      row.ariaSetSize = isWhole ? String(rows.length) : '-1';
      row.style.insetBlockStart = `${start - place.margin}px`;
    }
    // All is written before anything is measured, so that the page is laid out once.
    for (const row of elements) virtualizer.measureElement(row);
    virtualizer.measureElement(null);
  }

  close(): void {
    this.#close();
    this.#close = () => {};
    this.#list = this.#virtualizer = null;
  }

  #begin(list: HTMLElement, place: Place): void {
    this.close();
    this.#list = list;
    this.#scroller = place.scroller;
    this.#virtualizer = new Virtualizer(this.#options(place, -1));
    this.#close = this.#virtualizer._didMount();
  }

  #options({ scroller, margin }: Place, pinned: number): VirtualizerOptions<Element, HTMLElement> {
    const isPage = 'scrollY' in scroller;
    const own = {
      count: this.#rows.length,
      getScrollElement: () => scroller,
      getItemKey: this.#keyAt,
      estimateSize: () => estimated,
      overscan,
      scrollMargin: margin,
      initialOffset: () => (isPage ? scroller.scrollY : scroller.scrollTop),
      // A row that is read keeps its place; at its top the list shows new ones. The threshold is one that nothing is within.
      anchorTo: (isPage ? scroller.scrollY : scroller.scrollTop) > margin ? 'end' : 'start',
      scrollEndThreshold: -1,
      rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const indexes = defaultRangeExtractor(range);
        return pinned < 0 || indexes.includes(pinned) ? indexes : [...indexes, pinned].sort((a, b) => a - b);
      },
      onChange: this.#changed,
    };
    const page = { observeElementRect: observeWindowRect, observeElementOffset: observeWindowOffset };
    const part = { observeElementRect, observeElementOffset };
    return {
      ...own,
      ...(isPage ? { ...page, scrollToFn: windowScroll } : { ...part, scrollToFn: elementScroll }),
    } as unknown as VirtualizerOptions<Element, HTMLElement>;
  }
}

/** The element that the list scrolls in: the nearest ancestor that does, through shadow roots, else the page. */
function placeOf(list: Element): Place {
  const { top } = list.getBoundingClientRect();
  const { body, defaultView } = list.ownerDocument;
  for (let at = parentOf(list); at && at !== body; at = parentOf(at)) {
    if (at.scrollHeight <= at.clientHeight || !/auto|scroll/.test(getComputedStyle(at).overflowY)) continue;
    return { scroller: at, margin: Math.round(top - at.getBoundingClientRect().top + at.scrollTop - at.clientTop) };
  }
  const page = defaultView ?? window;
  return { scroller: page, margin: Math.round(top + page.scrollY) };
}

const parentOf = (element: Element): Element | null =>
  element.assignedSlot ?? element.parentElement ?? (element.getRootNode() as Partial<ShadowRoot>).host ?? null;
