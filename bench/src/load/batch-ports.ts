import { createSender } from '@tidings/sender';
import { postBatch } from './gathered-ports.ts';
import { HttpClient } from './http-client.ts';
import type { Load, PublishPort, PublishPorts, PublishTarget } from './messages.ts';
import { monotonicMicros } from './monotonic.ts';
import { notification, publishBody, userOf } from './notification.ts';

/** Ports that publish a batch in each call: Tidings by its route for batches or by its sender, Centrifugo by `/api/batch`. */
export async function batchPorts(
  target: PublishTarget,
  load: Load,
  count: number,
  sockets: number,
): Promise<PublishPorts> {
  if (target.form === 'socket.io') throw new Error('socket.io has no batches');
  if (target.form === 'tidings' && load.via === 'sdk') return senderPorts(target, load, count, sockets);
  const path = target.form === 'tidings' ? '/api/v1/notifications/batch' : '/api/batch';
  const open = () => HttpClient.open(target.url, path, target.headers);
  const clients = await Promise.all(Array.from({ length: count }, open));
  const bodies = (first: number) =>
    numbersFrom(first, load).map((number) => publishBody(target.form, load, number, monotonicMicros(), sockets));
  const publish = {
    async tidings(client: HttpClient, first: number) {
      const { status, body } = await client.post(`[${bodies(first).join()}]`);
      if (status !== 201) throw new Error(`${status}: ${body}`);
    },
    async centrifugo(client: HttpClient, first: number) {
      const replies = await postBatch(client, bodies(first));
      const refused = replies.find((reply) => !reply.publish);
      if (refused) throw new Error(JSON.stringify(refused));
    },
  }[target.form];
  return {
    ports: clients.map((client) => ({ publish: (first) => publish(client, first) })),
    async close() {
      for (const client of clients) client.close();
    },
  };
}

function senderPorts(target: PublishTarget, load: Load, count: number, sockets: number): PublishPorts {
  const apiKey = (target.headers.Authorization as string).slice('Bearer '.length);
  const sender = createSender({ url: target.url, apiKey });
  const port: PublishPort = {
    async publish(first) {
      const results = await sender.notifyMany(
        numbersFrom(first, load).map((number) => ({
          to: { user: userOf(number, sockets) },
          ...notification(number, monotonicMicros()),
        })),
      );
      const refused = results.find((result) => !result.ok);
      if (refused && !refused.ok) throw refused.error;
    },
  };
  return { ports: Array.from({ length: count }, () => port), close: () => sender.close() };
}

const numbersFrom = (first: number, { batch }: Load): number[] => Array.from({ length: batch }, (_, n) => first + n);
