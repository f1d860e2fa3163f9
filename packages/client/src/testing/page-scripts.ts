import { inject } from 'vitest';
import { askAt } from '../../../../testing/door.ts';
import type { PageScripts } from './bundles.ts';
import type { ProtocolServer } from './protocol-server.ts';

/** The scripts of pages, which are bundled once for a whole run. */
export const pageScripts = async (): Promise<PageScripts> => JSON.parse(await askAt(inject('scriptsDoor')));

/** Has a server serve them below its root. */
export function serveScripts(server: ProtocolServer, scripts: PageScripts): void {
  for (const [name, body] of Object.entries(scripts)) {
    server.files.set(`/${name}.js`, { type: 'text/javascript; charset=utf-8', body });
  }
}
