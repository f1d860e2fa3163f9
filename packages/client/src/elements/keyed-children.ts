import { render, type TemplateResult } from 'lit';

/**
 * Children of one element, one per key. A key keeps its element, with focus and animations, while others come and go around it.
 * (Lit's own `repeat` does more and weighs four times as much.)
 */
export class KeyedChildren<T> {
  readonly #children = new Map<string, HTMLElement>();
  readonly #tag: string;
  readonly #template: (item: T) => TemplateResult;

  constructor(tag: string, template: (item: T) => TemplateResult) {
    this.#tag = tag;
    this.#template = template;
  }

  get(key: string): HTMLElement | undefined {
    return this.#children.get(key);
  }

  /** Makes the parent's children those of the items, in their order. */
  show(parent: Element, items: readonly T[], key: (item: T) => string): void {
    const keys = new Set(items.map(key));
    for (const [known, child] of this.#children) {
      if (keys.has(known) && child.parentNode === parent) continue;
      child.remove();
      this.#children.delete(known);
    }
    let next: Element | null = null;
    for (const item of items.toReversed()) {
      const child: HTMLElement = this.#children.get(key(item)) ?? document.createElement(this.#tag);
      this.#children.set(key(item), child);
      render(this.#template(item), child);
      if (child.nextSibling !== next || child.parentNode !== parent) parent.insertBefore(child, next);
      next = child;
    }
  }
}
