import { make, serverUrl } from '../test/dom.js';

/**
 * The text of a description: paragraphs, `code`, *stress*, and addresses of this server as links.
 * @param {string} text
 * @returns {HTMLParagraphElement[]}
 */
export const paragraphs = (text) => text.split(/\n\n+/).map((part) => make('p', {}, ...inline(part)));

const pieces = /(`[^`]+`|\*[^*\s][^*]*\*|(?<![\w/])\/(?:docs|asyncapi\.json|openapi\.json)\b)/;

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function inline(text) {
  return text
    .split(pieces)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece.startsWith('`')) return make('code', {}, piece.slice(1, -1));
      if (/^\*.*\*$/.test(piece)) return make('em', {}, piece.slice(1, -1));
      return piece.startsWith('/') && pieces.test(piece) ? make('a', { href: serverUrl + piece }, piece) : piece;
    });
}
