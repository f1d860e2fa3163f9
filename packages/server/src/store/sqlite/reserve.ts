import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

/** The room that is held, bytes: some hundred revocations, or a start. */
const size = 1_048_576;

/** True if an error says that there is no room on the disk, or that the user has had its share. */
export const isFull = (error: unknown): boolean => {
  const { code = '', cause } = error as { code?: string; cause?: unknown };
  return /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/.test(code) || (cause instanceof Error && isFull(cause));
};

/**
 * A file beside the database that holds room on its disk. Where the disk is full it is given up, so that revocations can be stored and
 * a server can start; nothing else is stored until it could be taken again.
 */
export class Reserve {
  readonly #path: string;
  #isHeld: boolean;

  /** @param database the path of the database's file */
  constructor(database: string) {
    this.#path = `${database}-reserve`;
    this.#isHeld = statSync(this.#path, { throwIfNoEntry: false })?.size === size;
  }

  /** Throws that the disk is full, unless the room is held. It is taken again at a probe, which is once a second. */
  check(): void {
    if (!this.#isHeld) throw Object.assign(new Error('no room is held for revocations'), { code: 'ENOSPC' });
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes the room unless it is held. Throws the system's error where there is none. */
  take(): void {
    if (this.#isHeld) return;
    try {
      writeAll(this.#path);
    } catch (error) {
      this.release();
      throw error;
    }
    this.#isHeld = true;
  }

  /** The same; without room it is not held. */
  takeIfThereIsRoom(): void {
    try {
      this.take();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
    this.#isHeld = false;
  }
}

/** Random bytes, which no file system makes smaller. */
function writeAll(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const bytes = randomBytes(size);
    for (let at = 0; at < size; ) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}
