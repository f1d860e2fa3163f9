import { fileURLToPath } from 'node:url';

/** The folder of the packages that are too heavy for every run of the tests. */
export const devServers = fileURLToPath(new URL('../../build/dev-servers', import.meta.url));
