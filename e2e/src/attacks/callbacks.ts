import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { until } from '../until.ts';
import type { Attack } from './attacked-server.ts';

/** Addresses that only the server itself can reach, however they are written. The port is the canary's. */
const inner: ((port: number) => string)[] = [
  (port) => `http://127.0.0.1:${port}/`,
  (port) => `http://localhost:${port}/`,
  (port) => `http://[::1]:${port}/`,
  (port) => `http://[::ffff:127.0.0.1]:${port}/`,
  (port) => `http://2130706433:${port}/`,
  (port) => `http://0177.0.0.1:${port}/`,
  (port) => `http://0x7f.1:${port}/`,
  (port) => `http://127.1:${port}/`,
  (port) => `http://0:${port}/`,
  (port) => `http://\uff11\uff12\uff17.0.0.1:${port}/`,
  (port) => `http://127.0.0.1.nip.io:${port}/`,
  () => 'http://169.254.169.254/latest/meta-data/',
  () => 'http://[fd00:ec2::254]/latest/meta-data/',
  () => 'http://metadata.google.internal/',
  () => 'file:///etc/passwd',
  () => 'unix:/var/run/docker.sock',
  () => 'gopher://127.0.0.1:6379/_FLUSHALL',
];

/** A receiver that the operator has allowed, which redirects, and one that nobody has; both count what comes. */
export class Receivers {
  readonly #allowed: Server;
  readonly #inner: Server;
  readonly received = { allowed: 0, inner: 0 };

  private constructor() {
    this.#inner = createServer((_request, response) => {
      this.received.inner++;
      response.end();
    });
    this.#allowed = createServer((_request, response) => {
      this.received.allowed++;
      response.writeHead(307, { location: `http://127.0.0.1:${this.innerPort}/` }).end();
    });
  }

  static async open(): Promise<Receivers> {
    const receivers = new Receivers();
    for (const server of [receivers.#inner, receivers.#allowed]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return receivers;
  }

  get innerPort(): number {
    return (this.#inner.address() as AddressInfo).port;
  }

  /** The origin that callbacks may be posted to, which redirects them. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#allowed.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#inner.close();
    this.#allowed.close();
  }
}

/** @param receivers gives them when the server has been started with their origin */
export const callbacks = (receivers: () => Receivers): Attack[] => [
  {
    name: 'a callback to what only the server can reach is refused, however its address is written',
    async run(server) {
      const { innerPort, origin } = receivers();
      const allowed = new URL(origin).host;
      const tries = [
        ...inner.map((address) => address(innerPort)),
        ...[`http://${allowed}@127.0.0.1:${innerPort}/`, `http://${allowed}:x@127.0.0.1:${innerPort}/`],
        ...[`http://127.0.0.1:${innerPort}#@${allowed}/`, `http://127.0.0.1:${innerPort}\\@${allowed}/`],
      ];
      for (const callback_url of tries) {
        const actions = [{ id: 'yes', label: 'Yes' }];
        const body = { to: { user: 'answerer' }, message: 'x', actions, callback_url };
        const answer = await server.call('POST', '/api/v1/notifications', body);
        expect([answer.status, answer.body.code], callback_url).toEqual([400, 'bad_request']);
      }
    },
  },
  {
    name: 'a redirect of what is allowed leads nowhere',
    async run(server) {
      const { received, origin, innerPort } = receivers();
      const actions = [{ id: 'yes', label: 'Yes' }];
      const body = { to: { user: 'answerer' }, message: 'x', actions, callback_url: `${origin}/answers` };
      const { id } = (await server.call('POST', '/api/v1/notifications', body)).body;
      await server.callAs('answerer', 'POST', '/api/v1/inbox/answer', { id, action_id: 'yes' });
      await until('the failure in the log', () => server.output.includes('redirects are not followed'));
      expect(received).toEqual({ allowed: 1, inner: 0 });
      expect(server.output).not.toContain(`:${innerPort}`);
    },
  },
];
