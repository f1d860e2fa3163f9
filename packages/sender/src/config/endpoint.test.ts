import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSender } from '../create-sender.ts';
import { endpointSource } from './endpoint.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tidings-sender-')));
  mkdirSync(join(folder, 'app', 'src'), { recursive: true });
  vi.spyOn(process, 'cwd').mockReturnValue(join(folder, 'app', 'src'));
  vi.stubEnv('TIDINGS_URL', '');
  vi.stubEnv('TIDINGS_API_KEY', '');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function devFile(content: unknown): string {
  mkdirSync(join(folder, '.tidings'), { recursive: true });
  const path = join(folder, '.tidings', 'dev.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const dev = { url: 'http://127.0.0.1:8001', api_key: 'dev-key', jwt_secret: 'secret' };
const find = (given: { url?: string; apiKey?: string } = {}) => endpointSource(given).current();

describe('the endpoint', () => {
  it('is what the options say, before the environment', () => {
    vi.stubEnv('TIDINGS_URL', 'http://env:1');
    vi.stubEnv('TIDINGS_API_KEY', ' env-key\n');
    expect(find()).toEqual({ url: 'http://env:1', apiKey: 'env-key' });
    expect(find({ url: 'https://host/tidings/', apiKey: 'k' })).toEqual({ url: 'https://host/tidings', apiKey: 'k' });
  });

  it('is else that of the nearest .tidings/dev.json upwards', () => {
    devFile(dev);
    expect(find()).toEqual({ url: dev.url, apiKey: 'dev-key' });
  });

  it('never sends the key of tidings dev to another server', () => {
    devFile(dev);
    expect(find({ url: `${dev.url}/` })).toEqual({ url: dev.url, apiKey: 'dev-key' });
    expect(() => find({ url: 'https://production.example' })).toThrow(
      expect.objectContaining({
        code: 'unauthenticated',
        message: expect.stringContaining('there is no API key for https://production.example: set TIDINGS_API_KEY'),
      }),
    );
  });

  it('is looked up anew after it was forgotten', () => {
    devFile(dev);
    const source = endpointSource({});
    source.current();
    devFile({ ...dev, url: 'http://127.0.0.1:8002' });
    expect(source.current().url).toBe(dev.url);
    source.forget();
    expect(source.current().url).toBe('http://127.0.0.1:8002');
  });

  it('is missed in one sentence by createSender', () => {
    expect(() => createSender()).toThrow(
      expect.objectContaining({
        code: 'unreachable',
        retryable: false,
        message:
          'no Tidings server is configured: set TIDINGS_URL and TIDINGS_API_KEY, pass { url, apiKey }, or start "tidings dev" in this folder or one above it',
      }),
    );
  });

  it.each([
    [{ url: 'localhost:8000', apiKey: 'k' }, 'TIDINGS_URL must be as http://127.0.0.1:8000'],
    [{ url: 'ws://host', apiKey: 'k' }, 'got "ws://host"'],
    [{ url: 'http://', apiKey: 'k' }, 'TIDINGS_URL must be as'],
    [{ url: 'http://me:secret@host', apiKey: 'k' }, 'must not hold a user or password'],
    [{ url: 'http://host', apiKey: 'schlüssel' }, 'the API key must be printable ASCII'],
  ])('refuses %o', (given, text) => {
    expect(() => find(given)).toThrow(expect.objectContaining({ message: expect.stringContaining(text) }));
  });

  it.each(['{', '[]', '{"url":"http://127.0.0.1:1"}', '{"url":"x","api_key":"k"}', 'null'])(
    'names a dev.json that holds %s',
    (content) => {
      const path = devFile(content);
      expect(() => find()).toThrow(
        expect.objectContaining({ message: expect.stringContaining(`${path} should hold {"url", "api_key"}`) }),
      );
    },
  );
});
