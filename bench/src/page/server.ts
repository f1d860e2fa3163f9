import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { buildFolder } from '../folders.ts';
import { Helper } from '../processes.ts';

/** Publishes so many notifications to one user, spread over so many milliseconds; 0 is as fast as it goes. */
export interface PublishOrder {
  count: number;
  milliseconds: number;
}

export interface BuildServer {
  url: string;
  /** Resolves once all are accepted. */
  publish(order: PublishOrder): Promise<void>;
  stop(): Promise<void>;
}

/** Builds what browsers load of a checkout, and starts its server. @throws Error if its packages are not installed */
export async function startBuild(folder: string): Promise<BuildServer> {
  const script = pathToFileURL(join(folder, 'scripts/build-browser.js')).href;
  const build = `const { buildBrowser } = await import('${script}'); const why = await buildBrowser(); if (why) { console.error(why); process.exit(1); }`;
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', build], { cwd: folder });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`${folder} does not build; are its packages installed (npm install there)?\n${stderr ?? error}`);
  }
  const data = await mkdtemp(join(await buildFolder(), 'page-'));
  const helper = new Helper(new URL('./serve-process.ts', import.meta.url), [folder, join(data, 'bench.db')]);
  const { port } = await helper.next<{ port: number }>();
  return {
    url: `http://127.0.0.1:${port}`,
    publish: async (order) => void (await helper.ask<number>(order)),
    async stop() {
      await helper.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
