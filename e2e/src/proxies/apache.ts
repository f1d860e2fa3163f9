import { dirname, join } from 'node:path';
import { changed, documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

const recommended = documented('Apache');

/** Of Debian's default, and those that the documents say to enable. */
const modules =
  'mpm_event authz_core headers deflate filter mime socache_shmcb ssl http2 proxy proxy_http proxy_wstunnel'.split(' ');

export const apache: ProxyKind = {
  name: 'Apache',
  program: 'apache2',
  configurations: {
    recommended: { text: recommended, way: 'websocket', port: 443, isHttp2: true },
    plain: {
      text: 'Listen 80\n<VirtualHost *:80>\n  ProxyPass / http://127.0.0.1:8000/\n</VirtualHost>\n',
      way: 'events',
      port: 80,
    },
    compressing: { text: `${recommended}SetOutputFilter DEFLATE\n`, way: 'websocket', port: 443 },
    impatient: {
      text: changed(recommended, 'ProxyPass ', 'ProxyTimeout 2\n  ProxyPass '),
      // A WebSocket may be silent for longer.
      way: 'events',
      port: 443,
    },
  },
  run: (configuration, { folder, program }) => {
    const from = join(dirname(program), '../lib/apache2/modules');
    return {
      files: {
        'apache.conf': `ServerRoot ${folder}
ServerName localhost
PidFile apache.pid
DefaultRuntimeDir .
Mutex file:${folder}
ErrorLog /dev/stderr
LogLevel error
StartServers 1
${modules.map((name) => `LoadModule ${name}_module ${from}/mod_${name}.so`).join('\n')}
TypesConfig /dev/null
${configuration}`,
      },
      args: ['-X', '-d', folder, '-f', 'apache.conf'],
    };
  },
};
