import { html, nothing, type TemplateResult } from 'lit';
import type { InboxStrings } from '../strings.ts';

/** Time for which an action can be undone, in milliseconds. */
const offered = 8_000;

/** Offers to undo the last action, for a while. Time passes by `pass()` only. */
export class UndoBar {
  #offer: { text: string; undo: () => Promise<void>; left: number } | null = null;

  get isShown(): boolean {
    return this.#offer !== null;
  }

  offer(text: string, undo: () => Promise<void>): void {
    this.#offer = { text, undo, left: offered };
  }

  dismiss(): void {
    this.#offer = null;
  }

  pass(milliseconds: number): void {
    if (!this.#offer) return;
    this.#offer.left -= milliseconds;
    if (this.#offer.left <= 0) this.#offer = null;
  }

  /** A live region that is there before there is anything to say. @param ask takes what is asked of the server */
  render(words: InboxStrings, ask: (answer: Promise<void>) => void): TemplateResult {
    const offer = this.#offer;
    const press = () => {
      this.#offer = null;
      if (offer) ask(offer.undo());
    };
    return html`<div class="offer" role="status">
      ${
        offer
          ? html`<div class="undo" part="undo">
              <span dir="auto">${offer.text}</span><button class="quiet" @click=${press}>${words.undo}</button>
            </div>`
          : nothing
      }
    </div>`;
  }
}
