import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { Import, ReadLine, Registry } from './registry.ts';
import { header, readTaxpayer } from './taxpayer.ts';

export interface ImportOptions {
  registry: Registry;
  file: string;
  /** Lines of a transaction. */
  batchSize: number;
  /** Called after each batch. @param percent of the file, by bytes */
  onBatch(done: Import, percent: number): void;
  /** Asked between batches: true ends the import there. */
  isCancelled(): boolean;
}

/** Imports a file, from where an import of the same content was stopped. `isComplete` is false if it was cancelled. */
export async function importFile(options: ImportOptions): Promise<{ done: Import; isComplete: boolean }> {
  const { registry, file, batchSize, onBatch, isCancelled } = options;
  const begun = registry.begin(await digestOf(file));
  let done = begun;
  await using handle = await open(file);
  const { size } = await handle.stat();
  const input = handle.createReadStream({ autoClose: false });
  let batch: ReadLine[] = [];
  let number = 0;
  const store = (): void => {
    done = registry.store(done, batch, number);
    batch = [];
    onBatch(done, size === 0 ? 100 : (100 * input.bytesRead) / size);
  };
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (number === 1) checkHeader(text);
    if (number === 1 || number <= begun.line) continue;
    if (text.trim() !== '') batch.push({ number, text, taxpayer: readTaxpayer(text) });
    if (batch.length < batchSize) continue;
    store();
    // The answers of the server come between batches.
    await new Promise((resolve) => setImmediate(resolve));
    if (isCancelled()) return { done, isComplete: false };
  }
  if (number === 0) checkHeader('');
  store();
  registry.complete(done);
  return { done, isComplete: true };
}

function checkHeader(line: string): void {
  if (line.replace(/^\uFEFF/, '').trim() === header) return;
  throw new Error(`this is no registry: its first line must be ${header}; it is ${JSON.stringify(line.slice(0, 80))}`);
}

/** The content of a file by its SHA-256: a corrected file is imported from its beginning. */
async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
