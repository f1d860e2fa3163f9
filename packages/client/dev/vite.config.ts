import { defineConfig } from 'vite';

/** `npx vite packages/client/dev` shows the elements, fed by a fake client. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['tidings-source', 'browser', 'module', 'development|production'] },
});
