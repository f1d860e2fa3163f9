import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsdown';
import { borrow } from './build/borrow.ts';
import { tightTemplates } from './build/tight-templates.ts';

/** Modules that a page loaded from the server has others in the place of. */
const inPages = [
  { id: /\/css-tag\.js$/, file: new URL('./build/lit-css.ts', import.meta.url) },
  { id: /^\.\/parts\.ts$/, file: new URL('./src/script-tag/parts.ts', import.meta.url) },
  { id: /^\.\/event-stream\.ts$/, file: new URL('./src/script-tag/event-stream.ts', import.meta.url) },
  { id: /^\.\/long-poll\.ts$/, file: new URL('./src/script-tag/long-poll.ts', import.meta.url) },
  { id: /^\.\/diagnosis\.ts$/, file: new URL('./src/script-tag/diagnosis.ts', import.meta.url) },
];

/** The script for pages, with everything inside that is needed at once; served by the server. */
export const script = defineConfig({
  entry: { tidings: 'src/script-tag/main.ts' },
  outDir: '../server/public',
  clean: false,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  dts: false,
  deps: { alwaysBundle: /./, onlyBundle: false },
  plugins: [
    tightTemplates(),
    ...inPages.map(({ id, file }) => ({
      name: file.href,
      resolveId: { filter: { id }, handler: () => fileURLToPath(file) },
    })),
  ],
  inputOptions: { resolve: { conditionNames: ['tidings-source', 'browser', 'import', 'module', 'default'] } },
  outputOptions: { entryFileNames: '[name].js' },
  define: {
    // A script has no environment.
    'process.env.NEXT_PUBLIC_TIDINGS_URL': 'undefined',
    'process.env.NODE_ENV': '"production"',
    // It runs in pages only, never while rendering on a server.
    'globalThis.window': 'true',
  },
});

/** A part that the script for pages loads when it is wanted; what both need it takes from there. */
const part = (name: string, global: string, own: RegExp, entry = `src/elements/${name}/part.ts`) =>
  defineConfig({
    ...script,
    entry: { [`tidings-${name}`]: entry },
    plugins: [tightTemplates(), borrow('tidingsShared', own)],
    outputOptions: { entryFileNames: '[name].js', name: global, globals: { tidingsShared: 'tidingsShared' } },
  });

export const inboxScript = part(
  'inbox',
  'tidingsInbox',
  /\/(elements\/inbox\/[^/]+|task\/(progress|strings)[.a-z]*|inbox-view)\.ts$|\/virtual-core\//,
);
export const taskScript = part('task', 'tidingsTask', /\/elements\/task\/[^/]+\.ts$/);

export const roomScript = part('room', 'tidingsRoom', /\/(elements\/room\/[^/]+|rooms\/[^/]+|room)\.ts$/);

export const healthScript = part(
  'health',
  'tidingsHealth',
  /\/(elements\/health\/[^/]+|client\/src\/health\/[^/]+|src\/health)\.ts$/,
);

export const newsScript = part('news', 'tidingsNews', /\/elements\/news\/[^/]+\.ts$/);

/** The part that it loads while it has no connection. */
export const diagnosisScript = part('diagnosis', 'tidingsDiagnosis', /\/diagnosis\.ts$/, 'src/diagnosis.ts');

/** The part that it loads where no WebSocket gets through. */
export const transportsScript = part(
  'transports',
  'tidingsTransports',
  /\/transport\/[^/]+\.ts$|\/protocol\/src\/(retry-after|cursor|index)\.ts$/,
  'src/transport/http-part.ts',
);

export default defineConfig([
  {
    entry: {
      index: 'src/index.ts',
      'inbox-view': 'src/inbox-view.ts',
      health: 'src/health.ts',
      room: 'src/room.ts',
      'task-log': 'src/task-log.ts',
      document: 'src/document.ts',
      'transport/index': 'src/transport/index.ts',
      vite: 'src/vite.ts',
      'jsx/react': 'src/jsx/react.ts',
      'jsx/preact': 'src/jsx/preact.ts',
      'jsx/solid': 'src/jsx/solid.ts',
      'jsx/vue': 'src/jsx/vue.ts',
      'elements/index': 'src/elements/index.ts',
      'elements/define': 'src/elements/define.ts',
    },
    platform: 'neutral',
    target: 'es2022',
    dts: true,
  },
  script,
  inboxScript,
  taskScript,
  roomScript,
  healthScript,
  newsScript,
  diagnosisScript,
  transportsScript,
]);
