import { fileURLToPath } from 'node:url';
import { build, type UserConfig } from 'tsdown';
import { script } from '../../tsdown.config.ts';

async function bundle(config: UserConfig): Promise<string> {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const [built] = await build({ ...config, cwd, config: false, write: false, logLevel: 'silent' });
  const [chunk] = built?.chunks ?? [];
  if (chunk?.type !== 'chunk') throw new Error('tsdown gave no script');
  return chunk.code;
}

/** The one-script build, as the server serves it, of the sources as they are. */
export const bundleScript = (): Promise<string> => bundle(script);

/** What a page that uses the client without elements loads of it. */
export const bundleCore = (): Promise<string> =>
  bundle({ ...script, entry: { core: 'src/index.ts' }, format: 'esm', define: {} });
