import { accessSync, constants, statSync } from 'node:fs';
import { basename } from 'node:path';
import { TidingsError } from '@tidings/protocol';

/**
 * The files that an open database is in. A file that is removed goes on for whoever has it open, and what is written to it is
 * lost with the process: so what was opened is compared with what has its name now.
 */
export class Place {
  readonly #path: string;
  readonly #files: readonly (readonly [path: string, inode: bigint])[];

  /** @param path of a database that is open, so that its write-ahead log is there */
  constructor(path: string) {
    this.#path = path;
    this.#files = [path, `${path}-wal`].map((file) => [file, inodeOf(file)] as const);
  }

  /** Throws a sentence where what is written now could not be found again. */
  check(): void {
    for (const [file, inode] of this.#files) {
      const now = inodeOf(file);
      if (now === inode) continue;
      // Without its folder: callers may read it, and anybody at /healthz.
      const name = basename(file);
      const what = now === none ? `${name} is gone` : `another file is in the place of ${name}`;
      throw new TidingsError('unavailable', `${what}; put back the one that was there, or restart this server`);
    }
  }

  /** The same, and where it may not be written. */
  checkWritable(): void {
    this.check();
    try {
      accessSync(this.#path, constants.W_OK);
    } catch (error) {
      const { code } = error as { code?: string };
      throw new TidingsError(
        'unavailable',
        `${basename(this.#path)} may not be written any more (${code}); check its volume and rights`,
      );
    }
  }
}

const none = 0n;

const inodeOf = (file: string): bigint => statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? none;
