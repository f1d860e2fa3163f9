import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = async (path: string): Promise<string> => {
  const absolute = fileURLToPath(new URL(path, import.meta.url));
  await mkdir(absolute, { recursive: true });
  return absolute;
};

/** The folder of databases and compiled peers. */
export const buildFolder = (): Promise<string> => folder('../build');
export const resultsFolder = (): Promise<string> => folder('../results');
/** The checkout that this is. */
export const repositoryFolder: string = fileURLToPath(new URL('../../', import.meta.url));
