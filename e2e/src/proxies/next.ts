import { join } from 'node:path';
import { devServers } from './dev-server-packages.ts';
import { documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

export const next: ProxyKind = {
  name: 'Next',
  program: 'node',
  configurations: {
    recommended: { text: documented('Next'), way: 'websocket', port: 80 },
    plain: {
      text: `export default {
  rewrites: async () => [{ source: '/api/v1/:path*', destination: 'http://127.0.0.1:8000/api/v1/:path*' }],
};
`,
      way: 'events',
      port: 80,
    },
  },
  home: devServers,
  run: (configuration, { port }) => ({
    files: { 'next.config.mjs': configuration, 'pages/index.js': 'export default () => null;' },
    args: [
      join(devServers, 'node_modules/next/dist/bin/next'),
      ...['dev', '--hostname', '127.0.0.1', '--port', `${port}`],
    ],
  }),
};
