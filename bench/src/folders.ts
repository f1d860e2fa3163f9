import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = async (path: string): Promise<string> => {
  const absolute = fileURLToPath(new URL(path, import.meta.url));
  await mkdir(absolute, { recursive: true });
  return absolute;
};

/** Where databases and compiled peers are put. */
export const buildFolder = (): Promise<string> => folder('../build');
export const resultsFolder = (): Promise<string> => folder('../results');
