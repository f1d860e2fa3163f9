import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { parseNetwork, TrustedProxies } from './trusted-proxies.ts';

const request = (remoteAddress: string | undefined, headers: Record<string, string> = {}, encrypted = false) =>
  ({ headers: { host: 'inner:8000', ...headers }, socket: { remoteAddress, encrypted } }) as unknown as IncomingMessage;

const proxies = new TrustedProxies(['10.0.0.0/8', '::1', 'fd00::/8']);
const addressOf = (from: string, forwardedFor: string) =>
  proxies.placeOf(request(from, { 'x-forwarded-for': forwardedFor })).address;

it.each([
  ['one proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['two proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['a caller that made one up', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['a caller among the proxies', '10.0.0.1', '10.0.0.7', '10.0.0.7'],
  ['IPv6, with a port', '::1', '[2001:db8::9]:4711', '2001:db8::9'],
  ['IPv4 with a port', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['a socket of both families', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['what is no address', '10.0.0.1', 'unknown', '10.0.0.1'],
  ['what is no address before a proxy', '10.0.0.1', 'unknown, 10.0.0.2', '10.0.0.2'],
  ['nothing', '10.0.0.1', '', '10.0.0.1'],
  ['a stranger', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
  ['a stranger of IPv6', 'fe80::1%eth0', '198.51.100.1', 'fe80::1'],
])('the caller behind %s', (_what, from, forwardedFor, address) => {
  expect(addressOf(from, forwardedFor)).toBe(address);
});

it('believes a proxy that is named, in all it says of how it was called, and nobody else', () => {
  const headers = {
    'x-forwarded-proto': 'https,http',
    'x-forwarded-host': 'App.example:443, inner',
    'x-forwarded-prefix': '/Notify/',
  };
  expect(proxies.placeOf(request('10.0.0.1', headers))).toEqual({
    ...{ address: '10.0.0.1', protocol: 'https', host: 'App.example:443', prefix: '/Notify' },
  });
  expect(proxies.placeOf(request('203.0.113.5', headers))).toEqual({
    ...{ address: '203.0.113.5', protocol: 'http', host: 'inner:8000', prefix: '' },
  });
  expect(new TrustedProxies([]).placeOf(request('10.0.0.1', headers))).toEqual({
    ...{ address: '10.0.0.1', protocol: 'https', host: 'inner:8000', prefix: '' },
  });
});

it('knows TLS of its own, and a socket without an address', () => {
  expect(proxies.placeOf(request(undefined, {}, true))).toMatchObject({ address: '', protocol: 'https' });
});

it.each(['//evil.example', 'javascript:1', '/a b', '/a/../..//b', 'a'])('takes %j for no prefix', (prefix) => {
  expect(proxies.placeOf(request('10.0.0.1', { 'x-forwarded-prefix': prefix })).prefix).toBe('');
});

it.each(['10.0.0.0/33', '10.0.0.0/', 'proxy.internal', '::1/129', '10.0.0.0/8/8', '10.0.0.0/-1', ''])(
  '%j is no network',
  (network) => {
    expect(parseNetwork(network)).toBeNull();
  },
);
