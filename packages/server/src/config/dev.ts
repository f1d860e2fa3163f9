import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TidingsError } from '@tidings/protocol';
import type { CurrentOptions } from './current-options.ts';

/** The file that `tidings dev` keeps in a folder between runs, so that tokens and cursors outlive them. */
export interface DevFile {
  /** URL of the server in its present or last run. */
  url: string;
  api_key: string;
  jwt_secret: string;
  /** Signs posted answers; absent in a file that an earlier version made. */
  callback_secret?: string;
}

const pathOf = (folder: string): string => join(folder, '.tidings', 'dev.json');

/**
 * Options of a development server that keeps its secrets and database in `.tidings/` of a folder. Once it listens, hand
 * its address to `saveDevUrl`. Throws TidingsError if the folder cannot be written or the file in it is damaged.
 */
export function devOptions(folder: string): CurrentOptions {
  const known = readDevFile(folder);
  const file = known?.callback_secret ? known : makeDevFile(folder, known);
  return {
    dev: true,
    database: `sqlite:${join(folder, '.tidings', 'dev.db')}`,
    auth: { jwtSecret: file.jwt_secret, apiKeys: [file.api_key] },
    callbacks: { secret: file.callback_secret },
  };
}

/**
 * Keeps the address of the server that runs on a folder's `devOptions`, so that senders and the command line find it there.
 * It stays when the server stops: who sends meanwhile gets an error, and succeeds after the next start.
 */
export function saveDevUrl(folder: string, url: string): void {
  writeDevFile(folder, { ...(readDevFile(folder) ?? newDevFile()), url });
}

/** The `.tidings/dev.json` of a folder or the nearest one above it that has one, as the sender finds it. */
export function findDevFile(folder: string): DevFile | null {
  for (let at = folder; ; at = dirname(at)) {
    const file = readDevFile(at);
    if (file || at === dirname(at)) return file;
  }
}

/** The folder's `.tidings/dev.json`; null if there is none. Throws `bad_request` if it is not ours. */
export function readDevFile(folder: string): DevFile | null {
  const path = pathOf(folder);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw cannot(path, 'read', error);
  }
  try {
    const { url, api_key, jwt_secret, callback_secret } = JSON.parse(text) as Record<string, unknown>;
    const known = isSecret(callback_secret) ? { callback_secret } : {};
    if (typeof url === 'string' && isSecret(api_key) && isSecret(jwt_secret)) {
      return { url, api_key, jwt_secret, ...known };
    }
  } catch {
    // Said below, as for a file that is JSON but not ours.
  }
  throw new TidingsError('bad_request', `${path} is damaged; delete it, and it is made anew`);
}

const isSecret = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{16,}$/.test(value);

/** Makes the file, or what is missing in it. */
function makeDevFile(folder: string, known: DevFile | null): DevFile {
  const file = { ...newDevFile(), ...known };
  writeDevFile(folder, file);
  return file;
}

const secret = (): string => randomBytes(32).toString('base64url');
const newDevFile = (): DevFile => ({
  ...{ url: 'http://127.0.0.1:8000', api_key: secret(), jwt_secret: secret() },
  callback_secret: `whsec_${randomBytes(32).toString('base64')}`,
});

/** Readable by its owner only, ignored by git, and never seen half written. */
function writeDevFile(folder: string, file: DevFile): void {
  const path = pathOf(folder);
  try {
    mkdirSync(join(folder, '.tidings'), { recursive: true });
    writeFileSync(join(folder, '.tidings', '.gitignore'), '*\n');
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    throw cannot(path, 'write', error);
  }
}

const cannot = (path: string, what: string, error: unknown): TidingsError =>
  new TidingsError('unavailable', `cannot ${what} ${path}: ${(error as Error).message}`, { cause: error });
