/**
 * The element of the page with this id.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @returns {E}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return /** @type {E} */ (found);
}

/** The server's address, without a slash at its end: where this page is, which may be below a path of a proxy. */
export const serverUrl = new URL('.', document.baseURI).href.replace(/\/$/, '');

/**
 * A new element; text is text, never markup.
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Partial<HTMLElementTagNameMap[N]>} properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
