import { appendFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { compiled, programs, type Tool } from './npm-tools.ts';
import { type Command, run } from './run.ts';

const openApiGenerator = '7.15.0';
const oapiCodegen = 'v2.8.2';

/** Maven's own copy of the generator, which is fetched when it is not there yet. */
async function generatorJar(cwd: string): Promise<string> {
  const artifact = `org.openapitools:openapi-generator-cli:${openApiGenerator}`;
  await run({ file: 'mvn', args: ['-q', '-B', 'dependency:get', `-Dartifact=${artifact}`], cwd });
  const folder = join(homedir(), '.m2/repository/org/openapitools/openapi-generator-cli', openApiGenerator);
  const jar = (await readdir(folder)).find((name) => name.endsWith('.jar'));
  return join(folder, jar ?? '');
}

/** Lets OpenAPI Generator make a client, without tests and documents. */
async function generate(generator: string, document: string, folder: string, properties = ''): Promise<void> {
  await mkdir(folder, { recursive: true });
  const leftOut = 'apiTests=false,modelTests=false,apiDocs=false,modelDocs=false';
  const args = ['-jar', await generatorJar(folder), 'generate', '-i', document, '-g', generator, '-o', folder];
  const more = properties === '' ? [] : [`--additional-properties=${properties}`];
  await run({ file: 'java', args: [...args, `--global-property=${leftOut}`, ...more], cwd: folder });
}

/** A Python with packages of its own. */
export async function python(folder: string, packages: string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await run({ file: 'python3', args: ['-m', 'venv', '.venv'], cwd: folder });
  await run({ file: join(folder, '.venv/bin/pip'), args: ['-q', 'install', ...packages], cwd: folder });
  return join(folder, '.venv/bin/python');
}

/** Builds the module in a folder; its dependencies are fetched. */
async function goProgram(cwd: string): Promise<Command> {
  const env = { GOFLAGS: '-mod=mod' };
  await run({ file: 'go', args: ['mod', 'tidy'], cwd, env });
  await run({ file: 'go', args: ['build', '-o', 'program', '.'], cwd, env });
  return { file: join(cwd, 'program'), args: [], cwd };
}

const program = (name: string, file: string) => join(programs, name, file);

/** The tools that bring toolchains of their own. */
export const otherTools: Record<string, Tool> = {
  async 'typescript-fetch'(document, folder) {
    await generate('typescript-fetch', document, join(folder, 'generated'), 'importFileExtension=.ts');
    return compiled('typescript-fetch', folder);
  },
  async python(document, folder) {
    await generate('python', document, folder);
    const file = await python(folder, ['-r', 'requirements.txt']);
    await cp(program('python', 'main.py'), join(folder, 'main.py'));
    return { file, args: ['main.py'], cwd: folder };
  },
  async 'openapi-python-client'(document, folder) {
    const file = await python(folder, ['openapi-python-client', 'ruff', 'httpx', 'attrs', 'python-dateutil']);
    const args = [
      'generate',
      '--path',
      document,
      '--output-path',
      join(folder, 'client'),
      '--meta',
      'none',
      '--overwrite',
    ];
    await run({ file: join(folder, '.venv/bin/openapi-python-client'), args, cwd: folder });
    await cp(join(folder, 'client'), join(folder, 'tidings_client'), { recursive: true });
    await cp(program('openapi-python-client', 'main.py'), join(folder, 'main.py'));
    return { file, args: ['main.py'], cwd: folder };
  },
  async java(document, folder) {
    await generate('java', document, folder);
    await cp(program('java', 'Main.java'), join(folder, 'src/main/java/Main.java'));
    await run({ file: 'mvn', args: ['-q', '-B', '-DskipTests', 'compile'], cwd: folder });
    return { file: 'mvn', args: ['-q', '-B', 'exec:java', '-Dexec.mainClass=Main'], cwd: folder };
  },
  async go(document, folder) {
    await generate('go', document, join(folder, 'generated'), 'withGoMod=false');
    await writeFile(join(folder, 'go.mod'), 'module tidings.dev\n\ngo 1.23\n');
    await cp(program('go', 'main.go'), join(folder, 'main.go'));
    return goProgram(folder);
  },
  async rust(document, folder) {
    await generate('rust', document, folder);
    await appendFile(
      join(folder, 'Cargo.toml'),
      'tokio = { version = "1", features = ["macros", "rt-multi-thread"] }\n',
    );
    await cp(program('rust', 'main.rs'), join(folder, 'src/main.rs'));
    await run({ file: 'cargo', args: ['build', '-q'], cwd: folder });
    return { file: join(folder, 'target/debug/openapi'), args: [], cwd: folder };
  },
  async 'oapi-codegen'(document, folder) {
    await mkdir(join(folder, 'generated'), { recursive: true });
    const tool = `github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@${oapiCodegen}`;
    const args = [
      'run',
      tool,
      '-generate',
      'types,client',
      '-package',
      'generated',
      '-o',
      'generated/client.go',
      document,
    ];
    await run({ file: 'go', args, cwd: folder });
    await writeFile(join(folder, 'go.mod'), 'module tidings.dev/contract\n\ngo 1.23\n');
    await cp(program('oapi-codegen', 'main.go'), join(folder, 'main.go'));
    return goProgram(folder);
  },
};
