import { TidingsError } from '@tidings/protocol';
import type { ClientOptions } from '../options.ts';

/** The `data-` attributes of the script tag, as `dataset` has them. */
export interface ScriptAttributes {
  /** The URL of the server. Default: the server that the script came from. */
  url?: string;
  /** The address of the page's token: it answers `{"token": "…"}` or the token as text, and gets the page's cookies. Default: the cookie. */
  tokenUrl?: string;
  /** The user on `tidings dev`, in place of a token, and the user's roles (`a,b`). */
  user?: string;
  roles?: string;
  /** The user's rights in rooms on `tidings dev` (`project:12:rw`, several with commas between). */
  grants?: string;
}

/** @param source the script's own address */
export function optionsOf({ url, tokenUrl, user, roles, grants }: ScriptAttributes, source: string): ClientOptions {
  return {
    url: url || (URL.canParse(source) ? new URL('.', source).href : undefined),
    token: tokenUrl ? () => fetchToken(tokenUrl) : undefined,
    query: { ...(user && { user }), ...(roles && { roles }), ...(grants && { grants }) },
  };
}

/** @throws TidingsError `unauthenticated` if the answer is that nobody is signed in; an Error if it is no answer to use */
async function fetchToken(url: string): Promise<string> {
  const response = await fetch(url, { credentials: 'include', cache: 'no-store' });
  if (response.ok) return response.text();
  const problem = `${url} gives no token (${response.status})`;
  throw /40[13]/.test(`${response.status}`)
    ? new TidingsError('unauthenticated', `${problem}: sign in first`)
    : new Error(problem);
}
