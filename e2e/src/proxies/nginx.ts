import { changed, documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

const recommended = documented('nginx');

export const nginx: ProxyKind = {
  name: 'nginx',
  program: 'nginx',
  configurations: {
    recommended: { text: recommended, way: 'websocket', port: 443, isHttp2: true },
    plain: {
      text: 'server {\n  listen 80;\n  location / {\n    proxy_pass http://127.0.0.1:8000;\n  }\n}\n',
      way: 'events',
      port: 80,
    },
    compressing: { text: `gzip on;\ngzip_proxied any;\ngzip_types *;\n${recommended}`, way: 'websocket', port: 80 },
    impatient: {
      text: changed(recommended, 'location / {', 'location / {\n    proxy_read_timeout 1500ms;'),
      way: 'websocket',
      port: 80,
    },
  },
  run: (configuration, { folder }) => ({
    files: {
      'nginx.conf': `daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join('\n  ')}
${configuration}}
`,
    },
    args: ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'],
  }),
};
