import { TidingsError } from '@tidings/protocol';

/**
 * Returns the URL if a browser may open it: http, https, or relative to the page. Its spaces become `%20`.
 *
 * @throws TidingsError `bad_request` for any other scheme, as `javascript:` or `file:`, and for control characters and `\\`,
 * which browsers drop or turn before they read a scheme
 */
export function checkedFileUrl(fileUrl: string): string {
  const url = fileUrl.trim().replaceAll(' ', '%20');
  const isPlain = url !== '' && !url.includes('\\') && [...url].every((char) => char > ' ' && char !== '\u007f');
  if (isPlain && /^(https?:\/\/|(?![a-z][a-z0-9+.-]*:))/i.test(url)) return url;
  throw new TidingsError(
    'bad_request',
    `fileUrl must be an http or https URL, or relative as /files/report.csv; got "${fileUrl.slice(0, 60)}"`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The last part of the URL's path, decoded; "download" where it is empty. */
export function fileNameOf(fileUrl: string): string {
  const address = fileUrl.replace(/[?#].*$/s, '');
  const path = address.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/]*/i, '');
  return (
    decoded(path.split('/').at(-1) ?? '')
      .split(/[/\\]/)
      .at(-1) || 'download'
  );
}
