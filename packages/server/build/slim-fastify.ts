import type { Rolldown } from 'tsdown';

/** Parts of Fastify which the server does not use, and which Fastify loads before it knows: its compilers of schemas, and HTTP/2. */
const unused = /^(@fastify\/(ajv|fast-json-stringify)-compiler|node:http2)$/;

/** Leaves them out of the build. */
export const slimFastify: Rolldown.Plugin = {
  name: 'slim-fastify',
  resolveId: {
    filter: { id: unused },
    handler: (id, importer) => (importer?.includes('/node_modules/fastify/') ? `\0unused:${id}` : null),
  },
  load: { filter: { id: /^\0unused:/ }, handler: () => 'module.exports = {};' },
};
