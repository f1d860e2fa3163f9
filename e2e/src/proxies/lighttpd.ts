import { dirname, join } from 'node:path';
import { changed, documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

const recommended = documented('lighttpd');

export const lighttpd: ProxyKind = {
  name: 'lighttpd',
  program: 'lighttpd',
  configurations: {
    recommended: { text: recommended, way: 'websocket', port: 443 },
    plain: {
      text: `server.port = 80
server.modules += ( "mod_proxy" )
proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => 8000 ) ) )
`,
      way: 'polls',
      port: 80,
    },
    compressing: {
      text: `${recommended}server.modules += ( "mod_deflate" )\ndeflate.mimetypes = ( "" )\ndeflate.allowed-encodings = ( "gzip" )\n`,
      way: 'websocket',
      port: 80,
    },
    impatient: {
      text: changed(recommended, '"port" => 8000', '"port" => 8000, "read-timeout" => 1'),
      // It looks once a second, and cuts after three.
      way: 'events',
      port: 80,
    },
  },
  run: (configuration, { folder, program }) => ({
    files: {
      'lighttpd.conf': `server.document-root = "${folder}"\nserver.bind = "127.0.0.1"\n${configuration}`,
    },
    args: ['-D', '-f', 'lighttpd.conf', '-m', join(dirname(program), '../lib/lighttpd')],
  }),
};
