import { TidingsError } from '@tidings/protocol';

/**
 * The URL, where a browser may open it: http, https, or relative to the page.
 *
 * @throws TidingsError `bad_request` for any other scheme, as `javascript:` or `file:`
 */
export function checkedFileUrl(fileUrl: string): string {
  // Browsers drop white space and control characters before they read a scheme.
  const bare = [...fileUrl].filter((char) => char > ' ').join('');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(bare)?.[1]?.toLowerCase();
  if (bare !== '' && (scheme === undefined || scheme === 'http' || scheme === 'https')) return fileUrl;
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

/** What follows the last slash of the URL's path, decoded; "download" where nothing does. */
export function fileNameOf(fileUrl: string): string {
  const address = fileUrl.replace(/[?#].*$/s, '');
  const path = address.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/]*/i, '');
  return (
    decoded(path.split('/').at(-1) ?? '')
      .split(/[/\\]/)
      .at(-1) || 'download'
  );
}
