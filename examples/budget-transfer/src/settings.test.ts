import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('nothing said means port 8000 or the next, and the simulator', () => {
  const listen = { port: 8000, next: true };
  expect(readSettings([], {})).toEqual({ listen, open: true, stepSeconds: 3, reportSeconds: 600, erp: null });
});

test('a browser is opened unless it was said not to', () => {
  expect(readSettings(['--no-open'], {}).open).toBe(false);
});

test('a port that was asked for is that port or none', () => {
  expect(readSettings(['--port', '9100'], {}).listen).toEqual({ port: 9100, next: false });
});

test('a Fusion host may be named in the environment, and on the command line before it', () => {
  const environment = { ERP_URL: 'https://a.example', ERP_USER: 'fin', ERP_PASSWORD: 'secret' };
  expect(readSettings(['--erp-url', 'https://b.example'], environment).erp?.connection).toEqual({
    baseUrl: 'https://b.example',
    username: 'fin',
    password: 'secret',
  });
});

test.each([
  [['--port', 'http'], 'Expected --port as a number'],
  [['--erp-url', 'fusion.example'], 'Expected --erp-url as https://HOST'],
  [['--erp-url', 'https://fusion.example'], 'set ERP_USER and ERP_PASSWORD'],
  [
    ['--erp-url', 'https://f.example', '--erp-user', 'u', '--erp-password', 'p', '--erp-ledger', '/none'],
    "ledger's ids",
  ],
  [['--nonsense'], '--nonsense'],
])('%j is refused with what was expected', (args, message) => {
  expect(() => readSettings(args, {})).toThrow(message);
});
