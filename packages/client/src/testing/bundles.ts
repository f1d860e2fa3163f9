import { fileURLToPath } from 'node:url';
import { build, type Rolldown, type UserConfig } from 'tsdown';
import {
  diagnosisScript,
  healthScript,
  inboxScript,
  newsScript,
  roomScript,
  script,
  taskScript,
  transportsScript,
} from '../../tsdown.config.ts';

async function bundle(config: UserConfig): Promise<Rolldown.OutputChunk[]> {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const [built] = await build({ ...config, cwd, config: false, write: false, logLevel: 'silent' });
  return (built?.chunks ?? []).filter((chunk) => chunk.type === 'chunk');
}

/** A bundle that is one file. */
async function whole(config: UserConfig): Promise<string> {
  const [chunk, ...more] = await bundle(config);
  if (!chunk || more.length > 0) throw new Error(`tsdown gave ${more.length + 1} files in the place of one`);
  return chunk.code;
}

/** The scripts of pages by their names, as the server serves them: the script of the tag, and those that it loads. */
export interface PageScripts {
  tidings: string;
  'tidings-inbox': string;
  'tidings-task': string;
  'tidings-room': string;
  'tidings-health': string;
  'tidings-news': string;
  'tidings-diagnosis': string;
  'tidings-transports': string;
}

export async function bundleScripts(): Promise<PageScripts> {
  const configs = [
    script,
    inboxScript,
    taskScript,
    roomScript,
    healthScript,
    newsScript,
    diagnosisScript,
    transportsScript,
  ];
  const [tidings, inbox, task, room, health, news, diagnosis, transports] = (await Promise.all(configs.map(whole))) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    tidings,
    'tidings-inbox': inbox,
    'tidings-task': task,
    'tidings-room': room,
    'tidings-health': health,
    'tidings-news': news,
    'tidings-diagnosis': diagnosis,
    'tidings-transports': transports,
  };
}

/** The names that the others take from the first. */
export async function borrowedNames(): Promise<string[]> {
  const codes = await Promise.all(
    [inboxScript, taskScript, roomScript, healthScript, newsScript, transportsScript].map((config) =>
      whole({ ...config, minify: false }),
    ),
  );
  return codes.flatMap((code) => [...code.matchAll(/\btidingsShared\.(\w+)/g)].map(([, name = '']) => name));
}

/** An entry of the package with all that it imports, as a package manager would bring it. */
export const chunksOf = (entry: string): Promise<Rolldown.OutputChunk[]> =>
  bundle({ ...script, entry: { entry }, format: 'esm', define: {}, plugins: [], minify: false });

/** The code that a page loads for the client without elements: at once, and after a refusal of the server. */
export async function bundleCore(): Promise<{ atOnce: string; later: string }> {
  const chunks = await bundle({
    ...{ ...script, entry: { core: 'src/index.ts' }, format: 'esm', define: {}, plugins: [] },
    // Its name stands in the code: one of the usual length, so that no size depends on how its hash compresses.
    outputOptions: { ...script.outputOptions, chunkFileNames: '[name]-00000000.js' },
  });
  const codeOf = (test: (chunk: Rolldown.OutputChunk) => boolean) =>
    chunks
      .filter(test)
      .map(({ code }) => code)
      .join('');
  const entry = chunks.find(({ isEntry }) => isEntry);
  const isAtOnce = (chunk: Rolldown.OutputChunk) => chunk === entry || !!entry?.imports.includes(chunk.fileName);
  return { atOnce: codeOf(isAtOnce), later: codeOf((chunk) => !isAtOnce(chunk)) };
}
