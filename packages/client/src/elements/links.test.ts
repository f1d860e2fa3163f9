import { expect, it } from 'vitest';
import { plainName, safeHref } from './links.ts';

const page = 'https://app.example/work/list';

it.each([
  ['https://files.example/a.zip', 'https://files.example/a.zip'],
  ['HTTP://files.example/a.zip', 'http://files.example/a.zip'],
  ['/files/a.zip', 'https://app.example/files/a.zip'],
  ['a.zip?x=1#y', 'https://app.example/work/a.zip?x=1#y'],
  ['//files.example/a', 'https://files.example/a'],
])('lets %s be a link', (address, href) => {
  expect(safeHref(address, page)).toBe(href);
});

it.each([
  'javascript:alert(1)',
  ' JavaScript:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'blob:https://app.example/1',
  'file:///etc/passwd',
  'https://',
  '',
  '   ',
  null,
  undefined,
  42,
  { toString: () => 'https://app.example' },
])('lets %j be no link', (address) => {
  expect(safeHref(address, page)).toBeNull();
});

it('lets a relative address be no link in a page that is not http(s)', () => {
  expect(safeHref('a.zip', 'file:///home/me/page.html')).toBeNull();
  expect(safeHref('a.zip', 'about:blank')).toBeNull();
});

it('takes characters that reorder text out of a name, and leaves right-to-left letters', () => {
  expect(plainName('invoice_\u202efdp.exe')).toBe('invoice_fdp.exe');
  expect(plainName('\u2067a\u2069\u200f.pdf')).toBe('a.pdf');
  expect(plainName('דוח.pdf')).toBe('דוח.pdf');
});
