/**
 * Keeps elements in the page's body, also when that is replaced or emptied (Turbo, htmx, `document.open()`). What the page has of the
 * same kind stands for them, as in a body that was cached with copies of them. Only the children of the document, of its root and of
 * its body are watched, which few pages change often.
 */
export function keepInBody(elements: readonly Element[]): void {
  const place = () => {
    const { documentElement, body } = document;
    for (const parent of [document, documentElement, body]) if (parent) watch.observe(parent, { childList: true });
    body?.append(...elements.filter((one) => !one.isConnected && !document.querySelector(one.localName)));
  };
  const watch = new MutationObserver(place);
  place();
}
