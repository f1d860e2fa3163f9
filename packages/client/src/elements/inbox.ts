import { css, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { answerToasts } from './lists-in-view.ts';
import { PartSlot } from './part-slot.ts';
import { loadInbox } from './parts.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

const styles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
`;

/**
 * `<tidings-inbox>`: the list of notifications as a part of a page, as wide as there is room, and scrolling where its height is limited: all that the panel of `<tidings-bell>` has.
 *
 * Parts: those of the panel's content.
 */
export class TidingsInbox extends TidingsElement {
  static override styles = [tokens, styles];

  readonly #slot = new PartSlot(loadInbox, { ...this.asHost(), kind: 'page', isOpen: () => this.isConnected });

  protected override follow(client: TidingsClient): (() => void)[] {
    return [...this.#slot.follow(client), answerToasts('tidings-in-view', () => this.#isSeen())];
  }

  /** True while the top of the list, where new ones come, is on the screen. */
  #isSeen(): boolean {
    const { top, bottom } = this.getBoundingClientRect();
    return this.checkVisibility() && top > -200 && bottom > 0 && top < innerHeight;
  }

  protected override firstUpdated(): void {
    this.#slot.want();
  }

  protected override updated(): void {
    this.#slot.updated();
  }

  protected override render(): TemplateResult {
    return this.#slot.render();
  }
}
