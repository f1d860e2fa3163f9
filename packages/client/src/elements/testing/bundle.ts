import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The elements and what drives them in a page, as one script. */
export async function bundleElements(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['tidings-source', 'browser', 'module', 'production'] },
    build: {
      write: false,
      minify: false,
      target: 'es2024',
      rolldownOptions: {
        input: fileURLToPath(new URL('./entry.ts', import.meta.url)),
        // The tests are of what is shown, not of how it is loaded.
        output: { codeSplitting: false },
      },
    },
  });
  const [output] = [result].flat();
  if (!output || !('output' in output)) throw new Error('vite gave no bundle of the elements');
  return output.output[0].code;
}
