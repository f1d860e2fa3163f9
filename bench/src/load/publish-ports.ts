import { createSender } from '@tidings/sender';
import { batchPorts } from './batch-ports.ts';
import { gatheredPorts } from './gathered-ports.ts';
import { HttpClient } from './http-client.ts';
import type { Load, PublishPort, PublishPorts, PublishTarget } from './messages.ts';
import { monotonicMicros } from './monotonic.ts';
import { notification, publishBody, userOf } from './notification.ts';

/** As many ports as there are to be publishes under way. */
export async function openPorts(
  target: PublishTarget,
  load: Load,
  count: number,
  sockets: number,
): Promise<PublishPorts> {
  const { form } = target;
  if (load.batch > 1) return batchPorts(target, load, count, sockets);
  if (load.via === 'sdk' && form === 'tidings') return senderPorts(target, count, sockets);
  if (load.via === 'sdk' && form === 'centrifugo') return gatheredPorts(target, load, count, sockets);
  return httpPorts(target, load, count, sockets);
}

async function httpPorts(target: PublishTarget, load: Load, count: number, sockets: number): Promise<PublishPorts> {
  const open = () => HttpClient.open(target.url, target.path, target.headers);
  const clients = await Promise.all(Array.from({ length: count }, open));
  const ports = clients.map((client) => ({
    async publish(number: number) {
      const { status, body } = await client.post(publishBody(target.form, load, number, monotonicMicros(), sockets));
      // Centrifugo answers 200 and says in the body what went wrong.
      if (status >= 300 || body.startsWith('{"error"')) throw new Error(`${status}: ${body}`);
    },
  }));
  return {
    ports,
    async close() {
      for (const client of clients) client.close();
    },
  };
}

function senderPorts(target: PublishTarget, count: number, sockets: number): PublishPorts {
  const apiKey = (target.headers.Authorization as string).slice('Bearer '.length);
  const sender = createSender({ url: target.url, apiKey });
  const port: PublishPort = {
    async publish(number) {
      await sender.notify({ to: { user: userOf(number, sockets) }, ...notification(number, monotonicMicros()) });
    },
  };
  return { ports: Array.from({ length: count }, () => port), close: () => sender.close() };
}
