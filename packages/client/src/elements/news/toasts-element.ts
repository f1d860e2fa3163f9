import type { LitElement, TemplateResult } from 'lit';

/** An element that shows toasts: the page's own, or a stand-in inside a modal, outside of which the page is inert. */
export interface ToastsElement extends LitElement {
  /** The most toasts at once. */
  readonly max: number;
  /** Milliseconds for which a toast is shown. */
  readonly duration: number;
  /** Adds an element to `place` that shows the toasts of this one. */
  addStandIn(place: Element, renderer: ToastsRenderer): ToastsElement;
}

/** Renders the toasts in one of these elements. */
export interface ToastsRenderer {
  render(element: ToastsElement): TemplateResult;
  updated(element: ToastsElement): void;
}
