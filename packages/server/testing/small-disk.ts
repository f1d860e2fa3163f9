import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { TempFolder } from './temp-store.ts';

const mount = (path: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path], { stdio: 'ignore' });
const unmount = (path: string) => execFileSync('umount', ['-l', path]);

/** True if this user may mount disks. */
export function canMount(): boolean {
  const folder = new TempFolder();
  try {
    mount(folder.path);
    unmount(folder.path);
    return true;
  } catch {
    return false;
  } finally {
    folder.remove();
  }
}

/** A disk of 8 MiB, which a test fills and frees; it is gone when the test is over. */
export function smallDisk() {
  const folder = new TempFolder();
  mount(folder.path);
  onTestFinished(() => {
    unmount(folder.path);
    folder.remove();
  });
  const filler = join(folder.path, 'filler');
  return {
    path: folder.path,
    database: `sqlite:${folder.file()}`,
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (;;) writeSync(file, Buffer.alloc(4_096));
      } catch {
        // Now it is full.
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
  };
}
