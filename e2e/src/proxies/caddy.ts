import { changed, documented } from './document.ts';
import type { ProxyKind } from './proxy.ts';

const recommended = documented('Caddy');

export const caddy: ProxyKind = {
  name: 'Caddy',
  program: 'caddy',
  configurations: {
    recommended: { text: recommended, way: 'websocket', port: 443, isHttp2: true },
    plain: { text: ':80 {\n\treverse_proxy 127.0.0.1:8000\n}\n', way: 'websocket', port: 80 },
    compressing: {
      text: changed(recommended, 'reverse_proxy', 'encode gzip\n\treverse_proxy'),
      way: 'websocket',
      port: 443,
    },
    impatient: {
      text: changed(
        recommended,
        'reverse_proxy 127.0.0.1:8000',
        'reverse_proxy 127.0.0.1:8000 {\n\t\ttransport http {\n\t\t\tread_timeout 1500ms\n\t\t\tresponse_header_timeout 1500ms\n\t\t}\n\t}',
      ),
      way: 'websocket',
      port: 443,
    },
  },
  run: (configuration, { folder, port }) => ({
    files: {
      Caddyfile: `{
	admin off
	auto_https disable_redirects
	storage file_system ${folder}/storage
	http_port ${port}
	log {
		level ERROR
	}
}
${configuration}`,
    },
    args: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'],
  }),
};
