import type { ServerFrame } from '@tidings/protocol';
import { nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { Attention } from './attention.ts';
import type { ToastsRenderer } from './news/toasts-element.ts';
import { PartSlot } from './part-slot.ts';
import { loadInbox, loadToasts } from './parts.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

/**
 * `<tidings-toasts>`: news of the moment, in four colours, at the top right (in right-to-left pages the left), the newest on top. A toast
 * goes by itself, an error later; hovering or focusing one stops the clock. A finger swipes one away, Escape and its button do the same.
 * Those without room are counted, and shown by a press on the count. Of several tabs only one toasts, and none while a list is in view that
 * has it all. While a modal dialog of the page is open, they are shown in it.
 *
 * Attributes: `max`, the most at once (default 4; fewer where the window is low); `duration`, milliseconds (default 6000; errors 2.5 times
 * that). Events, of the window: `tidings-more`, when the count is pressed; prevent it to show the notifications in a way of your own.
 * Parts: `region`, `toast` (with `success`, `error`, `warning`, `info`), `title`, `message`, `link`, `close`, `more`.
 */
export class TidingsToasts extends TidingsElement {
  static override styles = tokens;
  static override properties: PropertyDeclarations = { max: { type: Number }, duration: { type: Number } };

  declare max: number;
  declare duration: number;

  /** Frames that wait for the part that shows them. */
  #arrived: ServerFrame[] = [];
  /** Of a stand-in: renders the toasts of the element that it stands for. */
  #renderer: ToastsRenderer | undefined;
  readonly #attention = new Attention();
  readonly #slot = new PartSlot(loadToasts, {
    ...this.asHost(),
    attention: this.#attention,
    element: this as TidingsToasts,
    loadInbox,
    arrived: () => this.#arrived.splice(0),
  });

  constructor() {
    super();
    this.max = 4;
    this.duration = 6_000;
  }

  /** Loads what shows toasts with the connection, so that none waits for it. */
  protected override follow(client: TidingsClient): (() => void)[] {
    if (this.#renderer) return [];
    const keep = (frame: ServerFrame) => !this.#slot.isThere && this.#arrived.push(frame);
    const want = () => client.state.status === 'connected' && this.#slot.want();
    want();
    return [
      ...this.#attention.follow(client, 'toasts'),
      client.onState(want),
      client.on('*', keep),
      ...this.#slot.follow(client),
      () => void this.#arrived.splice(0),
    ];
  }

  /** Adds a stand-in: an element that shows the toasts of this one in a place that is not inert. */
  addStandIn(place: Element, renderer: ToastsRenderer): TidingsToasts {
    const other = this.cloneNode() as TidingsToasts;
    other.removeAttribute('id');
    other.#renderer = renderer;
    other.client = this.source;
    place.append(other);
    other.addStyles(this.added);
    return other;
  }

  protected override willUpdate(): void {
    this.#slot.willUpdate();
  }

  protected override updated(): void {
    if (this.#renderer) this.#renderer.updated(this);
    else this.#slot.updated();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.#renderer) return this.#renderer.render(this);
    return this.#slot.isThere ? this.#slot.render() : nothing;
  }
}
