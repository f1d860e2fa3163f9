// The process that publishes: at a pace, or as fast as answers come.
import { setTimeout as pause } from 'node:timers/promises';
import type { Published, PublishOrder, PublishPort } from './messages.ts';
import { ownCpuSeconds } from './monotonic.ts';
import { openPorts } from './publish-ports.ts';

/** Paced publishes do not wait for each other's answers; so many may be under way. */
const pacedPorts = 8;

class Run {
  readonly accepted: number[] = [];
  refused = 0;
  refusal: string | null = null;
  readonly #batch: number;
  #next: number;

  constructor(firstNumber: number, batch: number) {
    this.#next = firstNumber;
    this.#batch = batch;
  }

  async publish(port: PublishPort): Promise<void> {
    const first = this.#next;
    this.#next += this.#batch;
    try {
      await port.publish(first);
      for (let n = 0; n < this.#batch; n++) this.accepted.push(first + n);
    } catch (error) {
      this.refused += this.#batch;
      this.refusal = (error as Error).message;
    }
  }
}

async function paced(run: Run, ports: readonly PublishPort[], perSecond: number, seconds: number): Promise<void> {
  const begun = performance.now();
  const underWay: Promise<void>[] = [];
  for (let i = 0; i < perSecond * seconds; i++) {
    await pause(Math.max(0, begun + (i * 1000) / perSecond - performance.now()));
    // A connection holds one request: its next waits for the answer.
    const before = underWay[i - ports.length];
    if (before) await before;
    underWay.push(run.publish(ports[i % ports.length] as PublishPort));
  }
  await Promise.all(underWay);
}

async function flatOut(run: Run, ports: readonly PublishPort[], seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const keepOn = async (port: PublishPort) => {
    while (performance.now() < end) await run.publish(port);
  };
  await Promise.all(ports.map(keepOn));
}

async function obey({ target, load, seconds, sockets, firstNumber }: PublishOrder): Promise<Published> {
  const count = 'inFlight' in load.pace ? load.pace.inFlight : pacedPorts;
  const { ports, close } = await openPorts(target, load, count, sockets);
  const run = new Run(firstNumber, load.batch);
  if ('inFlight' in load.pace) await flatOut(run, ports, seconds);
  else await paced(run, ports, load.pace.perSecond, seconds);
  await close();
  const { accepted, refused, refusal } = run;
  return { accepted: Uint32Array.from(accepted), refused, refusal, cpu: ownCpuSeconds() };
}

process.on('message', (order: PublishOrder) => {
  void obey(order).then((published) => process.send?.(published));
});
process.on('disconnect', () => process.exit());
