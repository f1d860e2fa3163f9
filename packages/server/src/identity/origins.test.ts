import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { Origins } from './origins.ts';
import { TrustedProxies } from './trusted-proxies.ts';

const request = (host: string, origin?: string, more: Record<string, string> = {}) =>
  ({ headers: { host, origin, ...more }, socket: { remoteAddress: '127.0.0.1' } }) as unknown as IncomingMessage;
const direct = new TrustedProxies([]);

it('lets in programs, its own pages and listed origins, and tells others what to set', () => {
  const origins = new Origins(['https://Shop.example/'], false, direct);
  expect(origins.refusal(request('notify.example'))).toBeNull();
  expect(origins.refusal(request('notify.example', 'https://notify.example'))).toBeNull();
  expect(origins.refusal(request('notify.example', 'https://shop.example'))).toBeNull();
  expect(origins.refusal(request('notify.example', 'https://evil.example'))).toMatch(
    /https:\/\/evil\.example .*auth\.allowedOrigins \(--allowed-origins\)/,
  );
  expect(origins.refusal(request('notify.example', 'null'))).toMatch(/serve it by http\(s\)/);
  expect(origins.refusal(request('notify.example', 'http://localhost:5173'))).not.toBeNull();
});

it('repeats no more of a refused origin than a name can have', () => {
  const refusal = new Origins([], false, direct).refusal(request('notify.example', `https://${'x'.repeat(9_000)}`));
  expect(refusal?.length).toBeLessThan(800);
});

it.each(['localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'app.localhost:8000'])(
  'in development answers to %s, and to pages of any loopback origin',
  (host) => {
    const origins = new Origins([], true, direct);
    expect(origins.refusal(request(host))).toBeNull();
    expect(origins.refusal(request(host, 'http://localhost:5173'))).toBeNull();
    expect(origins.refusal(request(host, 'http://evil.example'))).not.toBeNull();
  },
);

it.each(['evil.example:8000', '127.0.0.1.evil.example', 'localhost.evil.example:8000', '', '10.0.0.7:8000'])(
  'in development does not answer to a name that was made to lead here: %j',
  (host) => {
    const origins = new Origins([], true, direct);
    expect(origins.refusal(request(host))).toMatch(/answers to localhost/);
    expect(origins.refusal(request(host, `http://${host}`))).toMatch(/answers to localhost/);
  },
);

it.each([
  ['app.example:443', 'https://app.example'],
  ['app.example:80', 'http://app.example'],
  ['APP.example', 'https://app.example'],
  ['bücher.example', 'https://xn--bcher-kva.example'],
  ['[::1]:8000', 'http://[::1]:8000'],
])('a page of the server’s own is let in, however a proxy spells the Host: %s for %s', (host, origin) => {
  expect(new Origins([], false, direct).refusal(request(host, origin))).toBeNull();
});

it('a page of the server’s own is let in, with its cookies, where a proxy has put another Host: its browser says so', () => {
  const origins = new Origins([], false, direct);
  const from = (site: string) => request('127.0.0.1:8000', 'https://app.example', { 'sec-fetch-site': site });
  expect(origins.refusal(from('same-origin'))).toBeNull();
  expect(origins.takesCookies(from('same-origin'))).toBe(true);
  for (const site of ['same-site', 'cross-site', 'none', '']) {
    expect(origins.refusal(from(site))).toMatch(/--allowed-origins/);
    expect(origins.takesCookies(from(site))).toBe(false);
  }
});

it.each([
  ['app.example:443', 'http://app.example'],
  ['app.example:80', 'https://app.example'],
  ['app.example:8443', 'https://app.example'],
  ['', 'https://app.example'],
])('another port is another origin: %j for %s', (host, origin) => {
  expect(new Origins([], false, direct).refusal(request(host, origin))).toMatch(/--allowed-origins/);
});

it.each([
  ['https://app.example:443', 'https://app.example'],
  ['http://app.example:80/', 'http://app.example'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
  ['capacitor://localhost', 'capacitor://localhost'],
  ['*', 'null'],
])('an origin is listed in any spelling: %s lets in %s', (listed, origin) => {
  expect(new Origins([listed], false, direct).refusal(request('notify.example', origin))).toBeNull();
});

it('takes the name by which a trusted proxy was called for the server’s own, and nobody else’s word for it', () => {
  const forwarded = request('127.0.0.1:8000', 'https://app.example', { 'x-forwarded-host': 'app.example' });
  expect(new Origins([], false, new TrustedProxies(['127.0.0.1'])).refusal(forwarded)).toBeNull();
  expect(new Origins([], false, direct).refusal(forwarded)).toMatch(/https:\/\/app\.example .*--allowed-origins/);
});
