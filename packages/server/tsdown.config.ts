import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/cli/main.ts', 'src/**/*-thread.ts'],
  // One output per source, in the same folders: worker threads and public/ are found by paths relative to the module.
  unbundle: true,
  platform: 'node',
  target: 'node22.14',
  fixedExtension: false,
  dts: true,
});
