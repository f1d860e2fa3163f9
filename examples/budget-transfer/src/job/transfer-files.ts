import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Letters and digits that nobody mistakes for one another. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * The number of a transfer, such as `T-4K7Q2MXR`: also its task's id, and the transaction's. It follows from who sends it and the
 * key it is sent under, so that what is sent again is the same transfer.
 */
export function transferIdOf(owner: string, key: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([owner, key]))
    .digest()
    .subarray(0, 8);
  return `T-${[...bytes].map((byte) => alphabet[byte % alphabet.length]).join('')}`;
}

/** Uploaded files and reports, in one folder: tasks carry only a transfer's number. */
export class TransferFiles {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<TransferFiles> {
    await mkdir(folder, { recursive: true });
    return new TransferFiles(folder);
  }

  async saveUpload(transferId: string, csv: Uint8Array): Promise<void> {
    await writeFile(this.#upload(transferId), csv);
  }

  /** Throws what a person can act on where the file is gone. */
  async readUpload(transferId: string): Promise<Uint8Array> {
    return readFile(this.#upload(transferId)).catch((cause) => {
      throw new Error(`The file of ${transferId} is no longer on the server. Send it as a new transfer.`, { cause });
    });
  }

  /** Returns the size in bytes. */
  async saveReport(transferId: string, text: string): Promise<number> {
    const bytes = Buffer.from(text);
    await writeFile(this.#report(transferId), bytes);
    return bytes.length;
  }

  /** Null if there is none. */
  async readReport(transferId: string): Promise<Uint8Array | null> {
    return readFile(this.#report(transferId)).catch(() => null);
  }

  async dropReport(transferId: string): Promise<void> {
    await rm(this.#report(transferId), { force: true });
  }

  #upload(transferId: string): string {
    return join(this.#folder, `${transferId}.csv`);
  }

  #report(transferId: string): string {
    return join(this.#folder, `${transferId}.txt`);
  }
}
