import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsdown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import configs from '../tsdown.config.ts';
import { ContractServer } from './testing/contract-server.ts';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
let server: ContractServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-sender-build-'));
  server = await new ContractServer().start();
  for (const config of configs) {
    await build({ ...config, config: false, cwd, dts: false, outDir: folder, clean: false, logLevel: 'silent' });
  }
}, 60_000);
afterAll(async () => {
  await server.kill();
  rmSync(folder, { recursive: true });
});

const imports = (file: string) =>
  [
    ...readFileSync(join(folder, file), 'utf8').matchAll(
      /(?:\bfrom|\brequire\(|\bimport\(|^import)\s*["']([^"']+)["']/gm,
    ),
  ].map(([, name]) => name);
const env = () => ({ PATH: process.env.PATH, TIDINGS_URL: server.url, TIDINGS_API_KEY: server.apiKey });
/** Runs a script away from every node_modules folder. */
const node = async (script: string, type: string) =>
  (await run(process.execPath, [`--input-type=${type}`, '-e', script], { cwd: folder, env: env() })).stdout.trim();

describe('what is published', () => {
  it.each(['index.js', 'index.cjs'])('%s needs nothing but Node', (file) => {
    expect(imports(file)).not.toEqual([]);
    expect(imports(file).filter((name) => !builtinModules.includes(name?.replace(/^node:/, '') ?? ''))).toEqual([]);
    expect(imports(file).every((name) => name?.startsWith('node:'))).toBe(true);
  });

  it('edge.js imports nothing at all', () => {
    expect(imports('edge.js')).toEqual([]);
  });

  it('works from CommonJS', async () => {
    const script = `const { wsSendMessage } = require('./index.cjs'); wsSendMessage('cjs', 'Hello').then(console.log)`;
    expect(await node(script, 'commonjs')).toBe('true');
    expect(server.stored.at(-1)).toMatchObject({ to: { username: 'cjs' } });
  });

  it('works from an ES module, and its errors are its own class', async () => {
    const script = `
      import { notify, TidingsError } from './index.js';
      await notify({ to: { username: 'esm' } });
      console.log(await notify({ to: { user: 1 }, data: { a: NaN } }).catch((error) => error instanceof TidingsError));`;
    expect(await node(script, 'module')).toBe('true');
    expect(server.stored.at(-1)).toMatchObject({ to: { username: 'esm' } });
  });

  it('receives answers, and lets the process end once it is closed', async () => {
    const script = `
      import { notifications, close } from './index.js';
      const answer = await new Promise((resolve) => notifications.onAnswer(resolve, { after: 0 }));
      console.log(answer.action_id);
      await close();`;
    server.sent.answer('n1', 'approve');
    expect(await node(script, 'module')).toBe('approve');
  });

  it('works at the edge, where there is neither process nor AsyncLocalStorage, and says what is missing', async () => {
    const script = `
      globalThis.process = undefined;
      const { createSender } = await import(${JSON.stringify(pathToFileURL(join(folder, 'edge.js')).href)});
      const logger = { warn() {} };
      const sender = createSender({ url: '${server.url}', apiKey: '${server.apiKey}', logger });
      const sent = await sender.sendWorkflowNotification({ transactionId: 7, userId: 'edge' });
      console.log(JSON.stringify([sent, sender.setNotificationUser(1), sender.lastError().message]));`;
    expect(JSON.parse(await node(script, 'module'))).toEqual([
      true,
      false,
      'this runtime has no AsyncLocalStorage: pass userId to sendWorkflowNotification instead',
    ]);
    expect(server.stored.at(-1)).toMatchObject({ to: { user: 'edge' } });
  });
});
