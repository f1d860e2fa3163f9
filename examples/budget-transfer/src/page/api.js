/**
 * Asks the application, as JSON. Throws an Error with a sentence for people.
 *
 * @param {string} path
 * @param {RequestInit} [request]
 * @returns {Promise<any>}
 */
export async function ask(path, request = {}) {
  const response = await fetch(path, request).catch(() => {
    throw new Error('The application cannot be reached. Check that it still runs.');
  });
  if (response.status === 401) {
    location.reload();
    return new Promise(() => {});
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Error(body.message ?? body.detail ?? `The application answered ${response.status}.`);
}

/**
 * @param {string} method
 * @param {object} body
 * @returns {RequestInit}
 */
export function json(method, body) {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
