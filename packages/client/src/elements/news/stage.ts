import type { LitElement, TemplateResult } from 'lit';

/** An element that shows toasts: the page's own, or one that stands for it where that one is dead. */
export interface Stage extends LitElement {
  /** The most toasts at once. */
  readonly max: number;
  /** Milliseconds for which a toast is shown. */
  readonly duration: number;
  /** Adds an element that shows what this one would. */
  standIn(place: Element, stack: Stack): Stage;
}

/** Renders the toasts in one of these elements. */
export interface Stack {
  render(stage: Stage): TemplateResult;
  updated(stage: Stage): void;
}
