import { html, nothing, type TemplateResult } from 'lit';
import type { InboxStrings } from '../strings.ts';
import type { Row } from './rows.ts';
import { formatUntil, snoozeTimes } from './snooze-times.ts';

/** The menu of times to put a row off until: one for all rows, beside the button it was opened from (WAI-ARIA Authoring Practices, menu). */
export class SnoozeMenu {
  #open: { row: Row; button: HTMLElement } | null = null;
  readonly #root: () => ParentNode;
  readonly #chosen: (row: Row, until: Date) => void;

  constructor(root: () => ParentNode, chosen: (row: Row, until: Date) => void) {
    this.#root = root;
    this.#chosen = chosen;
  }

  /** Opens it for a row, once it was rendered again. */
  open(row: Row, button: HTMLElement): void {
    this.#open = { row, button };
  }

  /** Shows what was opened, where it fits beside its button. */
  updated(): void {
    const menu = this.#root().querySelector<HTMLElement>('.menu');
    if (!this.#open || !menu || menu.matches(':popover-open')) return;
    const { button } = this.#open;
    const at = button.getBoundingClientRect();
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const isReversed = getComputedStyle(button).direction === 'rtl';
    const start = isReversed ? at.left : at.right - width;
    const below = at.bottom + 4;
    menu.style.left = `${Math.max(8, Math.min(start, innerWidth - width - 8))}px`;
    menu.style.top = `${below + height > innerHeight - 8 ? Math.max(8, at.top - height - 4) : below}px`;
    menu.querySelector('button')?.focus();
  }

  /** @param now by the server's clock, which a snooze ends by */
  render(words: InboxStrings, now: Date): TemplateResult {
    const row = this.#open?.row;
    const close = (event: ToggleEvent) => {
      if (event.newState === 'open') return;
      this.#open?.button.focus();
      this.#open = null;
    };
    return html`<div class="menu" part="menu" popover role="menu" aria-label=${words.snoozeUntil}
      @keydown=${this.#move} @beforetoggle=${close}>
      ${
        row
          ? snoozeTimes(now).map(
              ({ name, at }) => html`<button role="menuitem" tabindex="-1" @click=${() => this.#choose(row, at)}>
                <span>${words[name]}</span><bdi class="subtle">${formatUntil(at, now, words.locale)}</bdi>
              </button>`,
            )
          : nothing
      }
    </div>`;
  }

  #choose(row: Row, until: Date): void {
    this.#root().querySelector<HTMLElement>('.menu')?.hidePopover();
    this.#chosen(row, until);
  }

  readonly #move = (event: KeyboardEvent): void => {
    const menu = event.currentTarget as HTMLElement;
    const items = [...menu.querySelectorAll('button')];
    const at = items.indexOf((menu.getRootNode() as ShadowRoot).activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Tab') menu.hidePopover();
    else if (to !== undefined) items.at(to % items.length)?.focus();
    else return;
    event.preventDefault();
  };
}
