import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { bellStyles } from './bell.css.ts';
import { icon } from './icons.ts';
import { answerToasts } from './lists-in-view.ts';
import { PartSlot } from './part-slot.ts';
import { loadInbox } from './parts.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

/** The shortest time between two counts for screen readers, in milliseconds. */
const quiet = 2_000;

/**
 * `<tidings-bell>`: a bell with the number of unread notifications, which opens the list of them. Escape, or a press elsewhere, closes it.
 *
 * Attribute: `open`, while the list is. Parts: `button`, `badge`, `panel`, and those of its content.
 */
export class TidingsBell extends TidingsElement {
  static override styles = [tokens, bellStyles];

  #panel: 'open' | 'closed' = 'closed';
  /** The last count for screen readers. */
  #announced = '';
  #announcing: ReturnType<typeof setTimeout> | undefined;
  readonly #slot = new PartSlot(loadInbox, {
    ...this.asHost(),
    kind: 'panel',
    isOpen: () => this.#panel === 'open',
  });

  protected override follow(client: TidingsClient): (() => void)[] {
    const changed = () => {
      this.scheduleRender();
      this.#announcing ??= setTimeout(this.#announce, quiet);
    };
    return [
      client.inbox.onChange(changed),
      ...this.#slot.follow(client),
      answerToasts('tidings-in-view', () => this.#panel === 'open'),
      answerToasts('tidings-more', () => this.#show()),
    ];
  }

  /** Opens the list, if the bell is visible. @returns whether it is */
  #show(): boolean {
    const isSeen = this.checkVisibility();
    if (isSeen && this.#panel === 'closed') this.renderRoot.querySelector<HTMLElement>('.bell')?.click();
    return isSeen;
  }

  /** A browser closes a popover that is removed from the page, without an event. */
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#become('closed');
  }

  readonly #announce = (): void => {
    this.#announcing = undefined;
    this.#announced = this.#count;
    this.requestUpdate();
  };

  get #count(): string {
    return this.words.unread(this.source.inbox.getSnapshot().counts.unread);
  }

  #become(panel: 'open' | 'closed'): void {
    this.#panel = panel;
    this.toggleAttribute('open', panel === 'open');
  }

  #toggled(event: ToggleEvent): void {
    this.#become(event.newState as 'open' | 'closed');
    const [bell, , panel] = this.renderRoot.children;
    if (this.#panel === 'open') this.#slot.want();
    else if (panel?.matches(':focus-within')) (bell as HTMLElement).focus();
    this.requestUpdate();
  }

  protected override updated(): void {
    this.#slot.updated();
  }

  /** Begins to load the panel's content when the panel is likely to be opened. */
  protected override render(): TemplateResult {
    const { words } = this;
    const { unread } = this.source.inbox.getSnapshot().counts;
    return html`
      <button class="bell" part="button" popovertarget="panel" aria-haspopup="dialog"
        aria-label="${words.notifications}, ${this.#count}" aria-expanded=${this.#panel === 'open'}
        @pointerenter=${this.#slot.want} @focus=${this.#slot.want}>
        ${icon('bell')}
        ${
          unread > 0
            ? html`<span class="badge" part="badge" aria-hidden="true">${unread > 99 ? '99+' : unread}</span>`
            : nothing
        }
      </button>
      <span class="spoken" role="status">${this.#announced}</span>
      <div id="panel" class="panel" part="panel" popover role="dialog" tabindex="-1" autofocus
        aria-label=${words.notifications} @beforetoggle=${this.#toggled}>
        ${this.#panel === 'open' ? this.#slot.render() : nothing}
      </div>
    `;
  }
}
