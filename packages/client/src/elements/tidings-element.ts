import {
  adoptStyles,
  type CSSResult,
  type CSSResultOrNative,
  LitElement,
  type PropertyDeclarations,
  type PropertyValues,
} from 'lit';
import type { TidingsClient } from '../client.ts';
import { getTidingsClient } from '../shared-client.ts';
import type { PartHost } from './part-slot.ts';
import { type ElementStrings, english, type OwnStrings } from './strings.ts';

/** The base of every element: a client to show, and the words to show it in. */
export abstract class TidingsElement extends LitElement {
  static override properties: PropertyDeclarations = { client: { attribute: false }, strings: { attribute: false } };

  /** The app's words for all elements, in place of the English ones. Set it before elements are shown. */
  static strings: Partial<ElementStrings> = {};

  /** The client this element shows. Default: `getTidingsClient()`. */
  declare client: TidingsClient | undefined;
  /** Words of this one element, before those of `TidingsElement.strings`. */
  declare strings: Partial<ElementStrings> | undefined;

  #followed: TidingsClient | undefined;
  #leave: (() => void)[] = [];
  #frame = 0;
  /** Styles of its parts. */
  protected added: CSSResult[] = [];

  /**
   * Listens to the client. Called again for another client, for another user of it, and after the element was taken out of the page
   * and put back. @returns what ends it, and forgets all that belongs to the user
   */
  protected abstract follow(client: TidingsClient): (() => void)[];

  /** Frameworks that render on a server leave text in the place of an object, as `[object Object]`. */
  protected get source(): TidingsClient {
    return this.client?.inbox ? this.client : getTidingsClient();
  }

  protected get words(): OwnStrings & Partial<ElementStrings> {
    return { ...english, ...TidingsElement.strings, ...this.strings };
  }

  /** Waits for the first update with following, so that a framework has set `client` by then. */
  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // An element that is only moved is in the page again by then.
    queueMicrotask(() => this.isConnected || this.stopFollowing());
  }

  /** Lets `moveBefore()` move the element as it stands. */
  connectedMoveCallback(): void {}

  adoptedCallback(): void {
    this.addStyles();
  }

  /** Adds styles to the element's own. A style sheet serves the document that it was made in, so that another's are copies. */
  protected addStyles(more: CSSResult[] = []): void {
    this.added = [...this.added, ...more];
    const { elementStyles } = this.constructor as typeof LitElement;
    const { CSSStyleSheet: Sheet } = this.ownerDocument.defaultView as unknown as typeof globalThis;
    const copy = (style: CSSResultOrNative) => {
      const sheet = new Sheet();
      const { cssRules } = 'styleSheet' in style ? (style.styleSheet as CSSStyleSheet) : style;
      sheet.replaceSync(Array.from(cssRules, ({ cssText }) => cssText).join(''));
      return sheet;
    };
    const all = [...elementStyles, ...this.added];
    const root = this.renderRoot as ShadowRoot;
    if (Sheet === CSSStyleSheet) adoptStyles(root, all);
    else root.adoptedStyleSheets = all.map(copy);
  }

  protected override update(changed: PropertyValues): void {
    if (this.isConnected && this.#followed !== this.source) this.#follow(this.source);
    super.update(changed);
  }

  /** Renders at the next animation frame, once for all that changed until then; a page that is hidden waits until it is shown. */
  protected readonly scheduleRender = (): void => {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.requestUpdate();
    });
  };

  /** This element, as its parts see it. */
  protected asHost(): PartHost {
    return {
      element: this,
      client: () => this.source,
      words: () => this.words,
      scheduleRender: this.scheduleRender,
      addStyles: (styles) => this.addStyles(styles),
    };
  }

  #follow(client: TidingsClient): void {
    this.stopFollowing();
    this.#followed = client;
    let owner = client.state.user?.id;
    const meet = () => {
      const id = client.state.user?.id ?? owner;
      if (owner && owner !== id) {
        this.#follow(client);
        this.requestUpdate();
      }
      owner = id;
    };
    this.#leave = [client.onState(meet), ...this.follow(client)];
  }

  /** Stops listening; the next update, if there is one, begins anew. */
  protected stopFollowing(): void {
    for (const leave of this.#leave.splice(0)) leave();
    this.#followed = undefined;
  }
}
