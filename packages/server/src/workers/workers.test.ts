import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { brokerContract } from '../broker/broker.contract.ts';
import { ephemeralContract } from '../broker/ephemeral.contract.ts';
import { metricLines, prometheusText } from '../telemetry/prometheus.ts';
import type { Channel, PrimaryChannel, WorkerChannel } from './messages.ts';
import { Relay } from './relay.ts';
import { RemoteWriter } from './remote-writer.ts';
import { WorkerBroker } from './worker-broker.ts';
import { WorkerEphemeral } from './worker-ephemeral.ts';
import { WorkerMetrics } from './worker-metrics.ts';

/** Messages between two threads are copied as those between processes are. */
const over = <Out, In>(port: MessagePort): Channel<Out, In> => ({
  send: (message) => port.postMessage(message),
  onMessage: (listener) => void port.on('message', listener),
});

/** Two workers, and what carries their messages. */
function twoWorkers(relay = new Relay()) {
  const channels = [new MessageChannel(), new MessageChannel()];
  const [one, other] = channels.map(({ port1, port2 }, n) => {
    relay.add(over(port2) satisfies PrimaryChannel);
    return { ...over(port1), number: n + 1 } satisfies WorkerChannel;
  }) as [WorkerChannel, WorkerChannel];
  const close = async (): Promise<void> => {
    for (const { port1 } of channels) port1.close();
  };
  return { one, other, close };
}

brokerContract('WorkerBroker', async () => {
  const { one, other, close } = twoWorkers();
  return { nodes: [new WorkerBroker(one), new WorkerBroker(other)], close };
});

ephemeralContract('WorkerEphemeral', async () => {
  const { one, other, close } = twoWorkers();
  return { nodes: [new WorkerEphemeral(one), new WorkerEphemeral(other)], close };
});

test('each worker gets the answers to its own requests, of a writer that answers in turn', async () => {
  const requests: [request: string, receive: (answer: string) => void][] = [];
  const relay = new Relay();
  relay.writeTo({ send: (...request) => void requests.push(request) });
  const { one, other, close } = twoWorkers(relay);
  const [first, second] = [new RemoteWriter(one), new RemoteWriter(other)];
  const asked = [first, second, first].map((writer, n) =>
    writer.ask<number>({ do: 'forgetRetractions', before: n, limit: 1 }),
  );
  await expect.poll(() => requests.length).toBe(3);
  for (const [request, receive] of requests) {
    const { id, before } = JSON.parse(request);
    receive(JSON.stringify({ id, ok: before * 10 }));
  }
  expect(await Promise.all(asked)).toEqual([0, 10, 20]);
  await close();
});

test('a writer that ended answers all that is under way, and whoever comes later, with an error that may be retried', async () => {
  const relay = new Relay();
  relay.writeTo({ send() {} });
  const { one, other, close } = twoWorkers(relay);
  const writer = new RemoteWriter(one);
  const underWay = writer.ask({ do: 'probe' });
  relay.writerEnded('out');
  await expect(underWay).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(writer.death?.message).toBe('out');
  const late = new RemoteWriter(other);
  await expect(late.ask({ do: 'probe' })).rejects.toThrow(/out/);
  await close();
});

test('a worker tells the metrics of all, and of those that are left when one ends', async () => {
  const channels = [new MessageChannel(), new MessageChannel()];
  const relay = new Relay();
  const removals = channels.map(({ port2 }) => relay.add(over(port2) satisfies PrimaryChannel));
  const [first] = channels.map(
    ({ port1 }, n) =>
      new WorkerMetrics({ ...over(port1), number: n }, () =>
        metricLines([{ name: 'm', help: 'Made.', type: 'counter', value: n }], { worker: `${n}` }),
      ),
  ) as [WorkerMetrics];
  const text = async () => prometheusText(await first.ofAll());
  expect(await text()).toMatch(/^# HELP m Made\.\n# TYPE m counter\nm{worker="(\d)"} \1\nm{worker="(?!\1)(\d)"} \2\n$/);
  channels[1]?.port1.close();
  const underWay = text();
  removals[1]?.();
  expect(await underWay).toContain('m{worker="0"} 0\n');
  expect(await text()).toBe('# HELP m Made.\n# TYPE m counter\nm{worker="0"} 0\n');
  channels[0]?.port1.close();
});
