/** Time for which the keys must rest before the focus may be taken, in milliseconds. */
const pause = 3_000;
const events = ['keydown', 'input', 'compositionstart', 'compositionend'];

/** Knows whether somebody types in this page, so that nothing takes the focus away in the middle of a word. */
export class Typing {
  #last = 0;
  /** The element in which an input method composes a character. */
  #composing: Node | null = null;

  /** True if a key was pressed a moment ago, a character is composed, or a list of choices is open. */
  get isUnderWay(): boolean {
    return Date.now() - this.#last < pause || !!this.#composing?.isConnected || isChoosing(document);
  }

  /** Listens to the keys of the page. @returns what ends it */
  follow(): () => void {
    for (const type of events) addEventListener(type, this.#onEvent, true);
    return () => {
      for (const type of events) removeEventListener(type, this.#onEvent, true);
    };
  }

  /** Forgets the last key, which was pressed to answer what had taken the focus. */
  forget(): void {
    this.#last = 0;
  }

  readonly #onEvent = (event: Event): void => {
    this.#last = Date.now();
    if (event.type === 'compositionstart') this.#composing = event.composedPath()[0] as Node;
    if (event.type === 'compositionend') this.#composing = null;
  };
}

/** True while a control that is used for longer than a key press has the focus. A frame counts by its focus, since the page gets no events of its keys. */
function isChoosing(root: Document | ShadowRoot): boolean {
  const active = root.activeElement;
  if (active?.shadowRoot) return isChoosing(active.shadowRoot);
  if (active?.localName === 'iframe') {
    const inner = (active as HTMLIFrameElement).contentDocument?.activeElement as HTMLElement | null | undefined;
    return !inner || inner.isContentEditable || inner.matches('input, textarea, select, iframe');
  }
  return !!active?.matches(CSS.supports('selector(:open)') ? 'select:open, input:open' : 'select');
}
