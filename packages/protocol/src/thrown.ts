/** Characters that an error's message may have in a task or a notification. */
const mostCharacters = 10_000;

/**
 * Says in words why something failed: the message of what was thrown, or what was thrown as text. Never throws, whatever
 * was thrown, and returns text that every database keeps, of at most 10,000 characters.
 */
export function reasonOf(thrown: unknown): string {
  const text = textOf(thrown)
    .replaceAll('\0', '\ufffd')
    .replace(/\p{Cs}/gu, '\ufffd');
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1).replace(/\p{Cs}$/u, '')}…`;
}

function textOf(thrown: unknown): string {
  try {
    const message = (thrown as { message?: unknown } | null | undefined)?.message;
    return typeof message === 'string' && message !== '' ? message : String(thrown);
  } catch {
    return 'something was thrown that cannot be read as text';
  }
}
