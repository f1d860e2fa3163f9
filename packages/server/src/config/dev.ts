import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TidingsError } from '@tidings/protocol';

/** What `tidings dev` keeps between runs, so that tokens and cursors outlive them. */
export interface DevFile {
  url: string;
  api_key: string;
  jwt_secret: string;
}

const folderName = '.tidings';

/** Reads `.tidings/dev.json` in a folder, or makes it with fresh secrets: readable by its owner only, ignored by git. */
export function loadDevFile(folder: string): DevFile {
  const path = join(folder, folderName, 'dev.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    const secret = () => randomBytes(32).toString('base64url');
    return { url: '', api_key: secret(), jwt_secret: secret() };
  }
  try {
    const { url = '', api_key, jwt_secret } = JSON.parse(text) as Partial<DevFile>;
    if (typeof api_key === 'string' && typeof jwt_secret === 'string') return { url, api_key, jwt_secret };
  } catch {
    // Said below, as for a file that is JSON but not ours.
  }
  throw new TidingsError('bad_request', `${path} is damaged; delete it, and it is made anew`);
}

/** Keeps the file, with the address at which the sender and the command line find this server. */
export function saveDevFile(folder: string, file: DevFile): void {
  mkdirSync(join(folder, folderName), { recursive: true });
  writeFileSync(join(folder, folderName, '.gitignore'), '*\n');
  writeFileSync(join(folder, folderName, 'dev.json'), `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}
