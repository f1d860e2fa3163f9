import { strictEqual } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { devServers } from './dev-server-packages.ts';
import { next } from './next.ts';
import type { ProxyKind, Variant } from './proxy.ts';
import { ProxyProcess } from './proxy-process.ts';
import { Scene } from './scene.ts';
import { vite } from './vite.ts';
import { webpack } from './webpack.ts';

/** Time after which a client notices by its silence that the server has gone, with room to spare, in milliseconds. */
const noticedMs = 45_000;

const packages = ['next@16', 'react@19', 'react-dom@19', 'webpack@5', 'webpack-cli@7', 'webpack-dev-server@6'];

/** Installs the dev servers that the repository does not have. */
function install(): void {
  mkdirSync(devServers, { recursive: true });
  writeFileSync(join(devServers, 'package.json'), '{"private":true}');
  console.log(`Installing ${packages.join(', ')} …`);
  const args = ['install', '--no-audit', '--no-fund', '--no-save', ...packages];
  const { status, stderr } = spawnSync('npm', args, {
    ...{ cwd: devServers, encoding: 'utf8', shell: process.platform === 'win32' },
  });
  if (status !== 0) throw new Error(`npm could not install them: ${stderr}`);
}

/** Follows through a dev server by the best way, by events and by polls, also over a restart of the server. */
async function check(scene: Scene, kind: ProxyKind, variant: Variant): Promise<void> {
  const proxy = await ProxyProcess.start(kind, variant, { server: scene.server.port, certificate: '' });
  const follow = (ways?: ['events' | 'polls']) => scene.follow(proxy.url, `${kind.name} ${variant} ${ways}`, ways);
  try {
    // The best way last: what is asked first waits for a dev server to get ready.
    const [polls, events, best] = [await follow(['polls']), await follow(['events']), await follow()];
    strictEqual(best.ways.join(), kind.configurations[variant]?.way);
    for (const follower of [best, events, polls]) await scene.hearsAtOnce(follower);
    await scene.restart([best, events, polls], noticedMs);
    for (const { client } of [best, events, polls]) client.disconnect();
  } finally {
    await proxy.end();
  }
}

install();
const scene = await Scene.start();
const asked = process.argv.slice(2);
for (const kind of [vite, webpack, next].filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  for (const variant of Object.keys(kind.configurations) as Variant[]) {
    const start = performance.now();
    try {
      await check(scene, kind, variant);
      console.log(`ok      ${kind.name}, ${variant} (${Math.round((performance.now() - start) / 1_000)} s)`);
    } catch (error) {
      console.log(`failed  ${kind.name}, ${variant}\n${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
}
await scene.end();
