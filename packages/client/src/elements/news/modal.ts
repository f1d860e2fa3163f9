const native = 'dialog:modal, :fullscreen:not(:root)';

/**
 * The modal that is in front of everything else; null where there is none. All that is outside of a modal `<dialog>`, or of an element
 * that fills the screen, is dead, for mouse, keyboard and screen readers; what says `aria-modal` keeps those by a script.
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
