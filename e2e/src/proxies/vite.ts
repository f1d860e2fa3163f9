import { toolPath } from '../../../scripts/repository.js';
import { documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

export const vite: ProxyKind = {
  name: 'Vite',
  program: 'node',
  hidesEnds: true,
  configurations: {
    recommended: { text: documented('Vite'), way: 'websocket', port: 80 },
    // It never answers an upgrade that no rule is for.
    plain: {
      text: `export default {
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/ws': 'http://127.0.0.1:8000' } },
};
`,
      way: 'events',
      port: 80,
    },
  },
  run: (configuration, { port }) => ({
    files: { 'vite.config.mjs': configuration, 'index.html': '<!doctype html>' },
    args: [toolPath('vite'), '--host', '127.0.0.1', '--port', `${port}`, '--strictPort'],
  }),
};
