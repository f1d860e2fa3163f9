import { defineConfig, type UserConfig } from 'tsdown';
import { compiledStatements } from './build/compiled-statements.ts';
import { licenses } from './build/licenses.ts';
import { oneByteText } from './build/one-byte-text.ts';
import { slimFastify } from './build/slim-fastify.ts';

const shared = { platform: 'node', target: 'node22.14', fixedExtension: false } satisfies UserConfig;

/**
 * The library, the command, and the threads of SQLite and of documents. A start takes the longer the more files it loads, so that everything is inside, in
 * few files, but what has a native part. All lie in one folder: threads and public/ are found by paths relative to it.
 */
export const program: UserConfig = {
  ...shared,
  entry: {
    index: 'src/index.ts',
    main: 'src/cli/main.ts',
    'writer-thread': 'src/store/sqlite/writer-thread.ts',
    'reader-thread': 'src/store/sqlite/reader-thread.ts',
    'content-thread': 'src/documents/content-thread.ts',
  },
  dts: false,
  deps: { alwaysBundle: /./, neverBundle: ['better-sqlite3', 'yjs', 'pg-native'], onlyBundle: false },
  inputOptions: { resolve: { conditionNames: ['tidings-source', 'node'] } },
  plugins: [compiledStatements, slimFastify, oneByteText, licenses],
};

const types: UserConfig = {
  ...shared,
  entry: { index: 'src/index.ts' },
  dts: { emitDtsOnly: true },
  clean: false,
  deps: { skipNodeModulesBundle: true },
};

export default defineConfig([program, types]);
