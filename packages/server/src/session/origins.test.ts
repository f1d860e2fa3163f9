import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { Origins } from './origins.ts';

const request = (host: string, origin?: string) => ({ headers: { host, origin } }) as IncomingMessage;

it('lets in programs, its own pages and listed origins, and tells others what to set', () => {
  const origins = new Origins(['https://Shop.example/'], false);
  expect(origins.refusal(request('notify.example'))).toBeNull();
  expect(origins.refusal(request('notify.example', 'https://notify.example'))).toBeNull();
  expect(origins.refusal(request('notify.example', 'https://shop.example'))).toBeNull();
  expect(origins.refusal(request('notify.example', 'https://evil.example'))).toMatch(
    /--allowed-origins https:\/\/evil\.example/,
  );
  expect(origins.refusal(request('notify.example', 'null'))).not.toBeNull();
  expect(origins.refusal(request('notify.example', 'http://localhost:5173'))).not.toBeNull();
});

it.each(['localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'app.localhost:8000'])(
  'in development answers to %s, and to pages of any loopback origin',
  (host) => {
    const origins = new Origins([], true);
    expect(origins.refusal(request(host))).toBeNull();
    expect(origins.refusal(request(host, 'http://localhost:5173'))).toBeNull();
    expect(origins.refusal(request(host, 'http://evil.example'))).not.toBeNull();
  },
);

it.each(['evil.example:8000', '127.0.0.1.evil.example', 'localhost.evil.example:8000', '', '10.0.0.7:8000'])(
  'in development does not answer to a name that was made to lead here: %j',
  (host) => {
    const origins = new Origins([], true);
    expect(origins.refusal(request(host))).toMatch(/answers to localhost/);
    expect(origins.refusal(request(host, `http://${host}`))).toMatch(/answers to localhost/);
  },
);
