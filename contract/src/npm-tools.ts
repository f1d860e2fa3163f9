import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import openapiTS, { astToString } from 'openapi-typescript';
import { type Command, run } from './run.ts';

/** Makes a client of a document in a folder of its own, and compiles it with its program. Resolves with how that is run. */
export type Tool = (document: string, folder: string) => Promise<Command>;

/** The programs that try clients, by the name of the tool. */
export const programs = fileURLToPath(new URL('../clients/', import.meta.url));

/** The tools that are on npm: quick enough for every run of the tests. */
export const npmTools: Record<string, Tool> = {
  async 'openapi-typescript'(document, folder) {
    await mkdir(folder, { recursive: true });
    const types = await openapiTS(await readFile(document, 'utf8'));
    await writeFile(join(folder, 'generated.ts'), astToString(types));
    return compiled('openapi-typescript', folder);
  },
  async 'hey-api'(document, folder) {
    await mkdir(folder, { recursive: true });
    const output = { path: join(folder, 'generated'), module: { extension: '.js' } };
    await createClient({
      input: document,
      output,
      logs: { level: 'silent' },
      plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
    });
    return compiled('hey-api', folder);
  },
};

/** Compiles a TypeScript client with its program, strictly, to JavaScript. */
export async function compiled(name: string, folder: string): Promise<Command> {
  await cp(join(programs, name, 'main.ts'), join(folder, 'main.ts'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const options = {
    ...{
      target: 'ES2024',
      lib: ['ES2024', 'DOM', 'DOM.Iterable'],
      module: 'NodeNext',
      types: ['node'],
      strict: true,
      skipLibCheck: true,
    },
    ...{ rewriteRelativeImportExtensions: true, outDir: 'out', rootDir: '.' },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['main.ts'] }));
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  await run({ file: process.execPath, args: [tsc, '-p', folder], cwd: folder });
  return { file: process.execPath, args: [join('out', 'main.js')], cwd: folder };
}
