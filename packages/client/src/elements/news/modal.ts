const native = 'dialog:modal, :fullscreen:not(:root)';

/**
 * The modal in front of everything else; null if there is none. Everything outside of a modal `<dialog>`, or of an element that fills
 * the screen, is inert for mouse, keyboard and screen readers. An element with `aria-modal` does the same by a script.
 */
export function topModal(): Element | null {
  const modals = document.querySelectorAll(`${native}, [aria-modal=true]`);
  return (
    inFront(document)?.closest(native) ??
    [...modals].findLast((modal) => modal.checkVisibility({ opacityProperty: true, visibilityProperty: true })) ??
    null
  );
}

/** The element at the page's corner, which a dialog's backdrop covers: it is hit as its dialog, and nothing behind it can be. */
function inFront(root: Document | ShadowRoot): Element | null {
  const hit = root.elementFromPoint(0, 0);
  const inner = hit === (root as ShadowRoot).host ? null : hit?.shadowRoot;
  return (inner && inFront(inner)) ?? hit;
}
