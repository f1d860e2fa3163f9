import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: { index: 'src/index.ts', schemas: 'src/schemas/index.ts' },
  platform: 'neutral',
  target: 'es2022',
  dts: true,
});
