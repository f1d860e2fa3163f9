import { afterEach, expect, test, vi } from 'vitest';
import { serverUrl, socketUrl, tidingsUrlFromEnv } from './url.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

test.each([
  ['https://notify.example.com', 'wss://notify.example.com/ws/'],
  ['http://localhost:8000/', 'ws://localhost:8000/ws/'],
  ['wss://notify.example.com/ws/', 'wss://notify.example.com/ws/'],
  ['https://example.com/tidings', 'wss://example.com/tidings/ws/'],
  ['https://example.com/tidings/?x=1#y', 'wss://example.com/tidings/ws/'],
])('%s leads to %s', (given, socket) => {
  expect(socketUrl(serverUrl(given), {})).toBe(socket);
});

test('members of the address are encoded', () => {
  const url = socketUrl(serverUrl('http://h'), { user: 'a&b', cursor: 't:1' });
  expect(new URL(url).searchParams.get('user')).toBe('a&b');
});

test('the address comes from the options, else from the environment, else from the page', () => {
  vi.stubGlobal('location', { origin: 'https://page.example' });
  expect(serverUrl(undefined).href).toBe('https://page.example/');
  expect(serverUrl('/tidings').href).toBe('https://page.example/tidings/');
  vi.stubEnv('NEXT_PUBLIC_TIDINGS_URL', 'https://env.example');
  expect(tidingsUrlFromEnv()).toBe('https://env.example');
  expect(serverUrl(undefined).href).toBe('https://env.example/');
  expect(serverUrl('https://given.example').href).toBe('https://given.example/');
});

test('what is no address of a server is refused', () => {
  vi.stubGlobal('location', { origin: 'null' });
  expect(() => serverUrl(undefined)).toThrow(TypeError);
  expect(() => serverUrl('mailto:a@b')).toThrow(TypeError);
});
