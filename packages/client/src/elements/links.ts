/**
 * The address a link may have, absolute: http(s), or relative to a page that is http(s). Null for everything else
 * (`javascript:`, `data:`, `blob:`, what is no address), which is then shown as text.
 * The browser's own parser reads it, so that a link never leads to another address than the checked one.
 */
export function safeHref(address: unknown, base: string = document.baseURI): string | null {
  if (typeof address !== 'string' || address.trim() === '' || !URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  return /^https?:$/.test(url.protocol) ? url.href : null;
}

/**
 * A file's name without the characters that reorder text. Isolation alone does not help here: inside one name,
 * U+202E makes `invoice_fdp.exe` read as a PDF.
 */
export function plainName(name: string): string {
  return name.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}
