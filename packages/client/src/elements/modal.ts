/**
 * The modal that is in front of everything else; null where there is none. All that is outside of a modal `<dialog>` is dead, for mouse,
 * keyboard and screen readers; what says `aria-modal` keeps the keyboard and screen readers by a script.
 */
export function topModal(): Element | null {
  const modals = document.querySelectorAll('dialog:modal, [aria-modal=true]');
  return (
    inFront(document)?.closest('dialog:modal') ??
    [...modals].findLast((modal) => modal.checkVisibility({ opacityProperty: true, visibilityProperty: true })) ??
    null
  );
}

/** What is at the page's corner, which a dialog's backdrop covers: it is hit as its dialog, and nothing behind it can be. */
function inFront(root: Document | ShadowRoot): Element | null {
  const hit = root.elementFromPoint(0, 0);
  const inner = hit === (root as ShadowRoot).host ? null : hit?.shadowRoot;
  return (inner && inFront(inner)) ?? hit;
}
