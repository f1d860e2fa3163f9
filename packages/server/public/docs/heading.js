import { make } from '../test/dom.js';

/**
 * A heading that can be linked to.
 * @param {2 | 3} level
 * @param {string} text
 * @param {string} id
 */
export function heading(level, text, id) {
  const link = make('a', { href: `#${id}`, className: 'anchor', ariaLabel: `Link to ${text}` }, '#');
  return make(`h${level}`, { id, tabIndex: -1 }, text, link);
}
