import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Rolldown } from 'tsdown';
import { askAt } from './door.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'packages/server/src');
const cache = join(root, 'node_modules/.cache');

/** Programs that tests run in processes of their own, as single files: they start in a third of the time that their sources take. */
export interface BuiltServer {
  /** `tidings`, the command. */
  command: string;
  /** e2e/src/serving-process.ts. */
  serving: string;
}

let built: Promise<BuiltServer> | undefined;

/** The programs, built once for a run of the tests, or of another program that starts some. */
export function builtServer(): Promise<BuiltServer> {
  const port = process.env.TIDINGS_SERVER_DOOR;
  built ??= port === undefined ? buildServer() : askAt(Number(port)).then((text) => JSON.parse(text) as BuiltServer);
  return built;
}

/** Builds the programs; they are removed when this process ends. */
export async function buildServer(): Promise<BuiltServer> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'server-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    config: false,
    cwd: root,
    entry: {
      command: join(sources, 'cli/main.ts'),
      serving: join(root, 'e2e/src/serving-process.ts'),
      'writer-thread': join(sources, 'store/sqlite/writer-thread.ts'),
      'reader-thread': join(sources, 'store/sqlite/reader-thread.ts'),
      'content-thread': join(sources, 'documents/content-thread.ts'),
    },
    outDir: folder,
    ...{ platform: 'node', format: 'esm', fixedExtension: false, dts: false, logLevel: 'error', report: false },
    inputOptions: { resolve: { conditionNames: ['tidings-source', 'node', 'import', 'default'] } },
    // Packages that are not made for bundles stay where they are.
    deps: {
      neverBundle: /^(better-sqlite3|commander|fastify|jose|pg|pino|standardwebhooks|ws|yjs)($|\/)/,
      onlyBundle: false,
    },
    plugins: [ownPlaces],
  });
  return { command: join(folder, 'command.js'), serving: join(folder, 'serving.js') };
}

/** Modules find files by their own place, which stays that of the source; but threads are beside the build. */
const ownPlaces: Rolldown.Plugin = {
  name: 'own-places',
  load(id) {
    if (!id.startsWith(sources) || /\/(thread|content-work)\.ts$/.test(id)) return null;
    const code = readFileSync(id, 'utf8');
    return code.includes('import.meta.url')
      ? { code: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)), moduleType: 'ts' }
      : null;
  },
};
