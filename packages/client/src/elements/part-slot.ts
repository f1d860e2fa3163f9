import { type CSSResult, html, type LitElement, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import type { ElementStrings, OwnStrings } from './strings.ts';

/** The element that shows a part, as the part sees it. */
export interface PartHost {
  readonly element: LitElement;
  client(): TidingsClient;
  words(): OwnStrings & Partial<ElementStrings>;
  /** Renders at the next animation frame. */
  scheduleRender(): void;
  /** Adds styles to the element's own. */
  addStyles(styles: CSSResult[]): void;
}

/** A part of an element, loaded when it is first needed. */
export interface Part {
  /** Listens to the client. @returns what ends it */
  follow(client: TidingsClient): (() => void)[];
  render(): TemplateResult;
  willUpdate?(): void;
  updated?(): void;
}

/** The module of a part. */
export interface PartModule<H extends PartHost> {
  Part: new (host: H) => Part;
  styles: CSSResult[];
}

/** The place for a part in an element. The part is loaded when it is first wanted. */
export class PartSlot<H extends PartHost> {
  readonly #load: () => Promise<PartModule<H>>;
  readonly #host: H;
  #client: TidingsClient | undefined;
  #ends: (() => void)[] = [];
  #part: Part | 'absent' | 'loading' | 'failed' = 'absent';

  constructor(load: () => Promise<PartModule<H>>, host: H) {
    this.#load = load;
    this.#host = host;
  }

  /** True once the part is loaded. */
  get isThere(): boolean {
    return typeof this.#part === 'object';
  }

  readonly want = (): void => {
    if (this.#part !== 'absent' && this.#part !== 'failed') return;
    const { element } = this.#host;
    if (this.#part === 'failed') element.requestUpdate();
    this.#part = 'loading';
    this.#load().then(
      ({ Part, styles }) => {
        this.#host.addStyles(styles);
        this.#part = new Part(this.#host);
        this.#begin();
        element.requestUpdate();
      },
      () => {
        this.#part = 'failed';
        element.requestUpdate();
      },
    );
  };

  follow(client: TidingsClient): (() => void)[] {
    this.#client = client;
    this.#begin();
    const leave = () => {
      this.#client = undefined;
      for (const end of this.#ends.splice(0)) end();
    };
    return [leave];
  }

  #begin(): void {
    if (this.#client && typeof this.#part === 'object') this.#ends = this.#part.follow(this.#client);
  }

  willUpdate(): void {
    if (typeof this.#part === 'object') this.#part.willUpdate?.();
  }

  updated(): void {
    if (typeof this.#part === 'object') this.#part.updated?.();
  }

  render(): TemplateResult {
    if (typeof this.#part === 'object') return this.#part.render();
    const { loading, loadFailed, tryAgain } = this.#host.words();
    return this.#part === 'failed'
      ? html`<p class="slot" role="alert">${loadFailed} <button class="quiet" @click=${this.want}>${tryAgain}</button></p>`
      : html`<p class="slot subtle" role="status">${loading}</p>`;
  }
}
