import { changed, documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

const recommended = documented('HAProxy');

export const haproxy: ProxyKind = {
  name: 'HAProxy',
  program: 'haproxy',
  configurations: {
    recommended: { text: recommended, way: 'websocket', port: 443, isHttp2: true },
    plain: {
      text: `defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s
frontend web
  bind :80
  default_backend tidings
backend tidings
  server one 127.0.0.1:8000
`,
      way: 'websocket',
      port: 80,
    },
    compressing: {
      text: changed(recommended, 'mode http', 'mode http\n  compression algo gzip'),
      way: 'websocket',
      port: 80,
    },
    impatient: {
      text: recommended
        .replace('timeout client 60s', 'timeout client 1500')
        .replace('timeout server 60s', 'timeout server 1500')
        .replace('timeout tunnel 1h', 'timeout tunnel 1500'),
      way: 'websocket',
      port: 80,
    },
  },
  run: (configuration) => ({
    files: { 'haproxy.cfg': configuration },
    args: ['-db', '-q', '-f', 'haproxy.cfg'],
  }),
};
