import type { Rolldown } from 'tsdown';

/**
 * Leaves out of a script every module but its own, and takes their names from a global object instead, which another script of the page
 * has made.
 */
export function borrow(global: string, own: RegExp): Rolldown.Plugin {
  return {
    name: 'borrow',
    async resolveId(source, importer, options) {
      if (!importer) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return !found || own.test(found.id) ? found : { id: global, external: true };
    },
  };
}
