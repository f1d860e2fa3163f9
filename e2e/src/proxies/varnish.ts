import { changed, documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

const recommended = documented('Varnish');

export const varnish: ProxyKind = {
  name: 'Varnish',
  program: 'varnish',
  configurations: {
    recommended: { text: recommended, way: 'websocket', port: 80 },
    plain: {
      text: 'vcl 4.1;\nbackend default {\n  .host = "127.0.0.1";\n  .port = "8000";\n}\n',
      way: 'events',
      port: 80,
    },
    compressing: {
      text: `${recommended}\nsub vcl_backend_response {\n  set beresp.do_gzip = true;\n}\n`,
      way: 'websocket',
      port: 80,
    },
    impatient: {
      text: changed(
        recommended,
        '.port = "8000";',
        '.port = "8000";\n  .first_byte_timeout = 1.5s;\n  .between_bytes_timeout = 1.5s;',
      ),
      // A WebSocket is piped, and may be silent for 60 s.
      way: 'events',
      port: 80,
    },
  },
  run: (configuration, { folder, port }) => ({
    files: { 'default.vcl': configuration },
    args: [
      ...['-F', '-j', 'none', '-n', `${folder}/work`, '-a', `127.0.0.1:${port}`, '-f', `${folder}/default.vcl`],
      ...['-s', 'malloc,16m', '-p', 'thread_pool_min=20', '-p', 'cc_command=exec cc -O0 -fpic -shared -o %o %s'],
    ],
  }),
};
