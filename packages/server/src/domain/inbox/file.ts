import { TidingsError } from '@tidings/protocol';

/** Only these are links: a relative URL, or one of the schemes a browser opens without running anything. */
function isSafeUrl(url: string): boolean {
  if (url === '' || url.includes('\\') || [...url].some((c) => c <= ' ' || c === '\u007f')) return false;
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(url)) return true;
  return /^https?:\/\//i.test(url);
}

/** The last part of the URL's path, decoded; "download" if there is none. */
function fileNameOf(url: string): string {
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  const last = path.split('/').findLast((part) => part !== '') ?? '';
  try {
    const name = decodeURIComponent(last);
    return (name.includes('\0') ? last : name) || 'download';
  } catch {
    return last || 'download';
  }
}

/** The fields of a `user_file` frame, from its data. Throws TidingsError if there is no URL one may follow. */
export function fileFields(data: Record<string, unknown>): Record<string, unknown> {
  const url = data.file_url;
  if (typeof url !== 'string' || !isSafeUrl(url)) {
    const got = JSON.stringify(url ?? null).slice(0, 80);
    throw new TidingsError(
      'bad_request',
      `data.file_url must be an http(s) or relative URL without spaces; got ${got}`,
    );
  }
  const name = typeof data.file_name === 'string' && data.file_name !== '' ? data.file_name : fileNameOf(url);
  const size = data.file_size ?? null;
  if (size !== null && !(typeof size === 'number' && Number.isInteger(size) && size >= 0)) {
    throw new TidingsError(
      'bad_request',
      `data.file_size must be a whole number of bytes; got ${JSON.stringify(size)}`,
    );
  }
  const fields = { file_url: url, file_name: name, file_size: size };
  return { ...fields, data: { ...data, ...fields } };
}
