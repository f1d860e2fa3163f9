import { join } from 'node:path';
import { devServers } from './dev-server-packages.ts';
import { documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

export const webpack: ProxyKind = {
  name: 'webpack',
  program: 'node',
  configurations: {
    recommended: { text: documented('webpack'), way: 'websocket', port: 80 },
    plain: {
      text: `export default {
  devServer: { proxy: [{ context: ['/api', '/ws'], target: 'http://127.0.0.1:8000' }] },
};
`,
      way: 'events',
      port: 80,
    },
  },
  home: devServers,
  run: (configuration, { port }) => ({
    files: { 'webpack.config.mjs': configuration, 'main.js': '' },
    args: [
      join(devServers, 'node_modules/webpack/bin/webpack.js'),
      ...['serve', '--config', 'webpack.config.mjs', '--entry', './main.js', '--mode', 'development'],
      ...['--host', '127.0.0.1', '--port', `${port}`, '--no-open'],
    ],
  }),
};
