import { setTimeout as pause } from 'node:timers/promises';
import type { Load, Published, PublishOrder } from '../load/messages.ts';
import { host, type RunningPeer } from '../peers/peer.ts';
import { Helper, residentBytes } from '../processes.ts';
import { tokensFor } from '../tokens.ts';
import type { ClientsAnswer, ClientsOrder } from './clients-process.ts';

/** The figures of one server in one round; those that it has none of are left out. */
export interface Figures {
  /** CPU of the server for a connection with a token and a user of its own, µs. */
  connect?: number;
  /** Resident memory that a connection adds, which does nothing, KB of 1,000 bytes. */
  idle?: number;
  /** CPU of the server for a connection that comes back and missed nothing, µs. */
  back?: number;
  /** CPU beyond that for each record that it missed, µs. */
  record?: number;
  /** CPU for a connection that comes back, as a multiple of one that missed nothing. */
  behind?: number;
  /** From the start of the process until it serves, ms. */
  ready?: number;
  /** Resident memory then, MB. */
  resident?: number;
}

export interface PlaySize {
  clients: number;
  /** Records that each client missed. */
  behind: number;
}

/** Time after which a server has done what follows from connections that came or went, ms. */
const settleMs = 2_000;

/** A server with the processes of its clients and of who publishes. */
class Stage {
  readonly peer: RunningPeer;
  readonly #clients = new Helper(new URL('./clients-process.ts', import.meta.url));
  readonly #publisher = new Helper(new URL('../load/publisher-process.ts', import.meta.url));
  #published = 0;

  constructor(peer: RunningPeer) {
    this.peer = peer;
  }

  async order(order: ClientsOrder): Promise<void> {
    const answer = await this.#clients.ask<ClientsAnswer>(order);
    if ('failed' in answer) throw new Error(`${this.peer.name}: ${answer.failed}`);
  }

  /** CPU seconds of the server meanwhile. */
  async cpuOf(work: () => Promise<void>): Promise<number> {
    const before = await this.peer.cpuSeconds();
    await work();
    return (await this.peer.cpuSeconds()) - before;
  }

  open(tokens: readonly string[]): Promise<void> {
    const { port, dialect } = this.peer;
    if (dialect === 'bare') throw new Error(`${this.peer.name} knows no users`);
    return this.order({ do: 'open', host, port, dialect, tokens });
  }

  async publish(count: number): Promise<void> {
    if (this.peer.load.by === 'itself') throw new Error(`${this.peer.name} is not published to`);
    const load: Load = { audience: 'everyone', via: 'http', batch: 1, pace: { perSecond: 50 } };
    const { target } = this.peer.load;
    const run = { target, load, seconds: count / 50, sockets: 1, firstNumber: this.#published };
    const { refused, refusal } = await this.#publisher.ask<Published>({ do: 'run', ...run } satisfies PublishOrder);
    if (refused > 0) throw new Error(`${this.peer.name} refused ${refused} notifications: ${refusal}`);
    this.#published += count;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#clients.stop(), this.#publisher.stop()]);
    await this.peer.stop();
  }
}

/** New connections, and the memory that they take. A tenth as many come before, for compilers that optimise as they run. */
export async function playNew(peer: RunningPeer, { clients }: PlaySize): Promise<Figures> {
  const stage = new Stage(peer);
  try {
    const warmUp = Math.ceil(clients / 10);
    const tokens = await tokensFor(peer, clients + warmUp);
    await stage.open(tokens.slice(0, warmUp));
    await pause(settleMs);
    const before = residentBytes(peer.pid);
    const cpu = await stage.cpuOf(() => stage.open(tokens.slice(warmUp)));
    await pause(settleMs);
    return { connect: (cpu / clients) * 1e6, idle: (residentBytes(peer.pid) - before) / clients / 1_000 };
  } finally {
    await stage.stop();
  }
}

/** Connections that come back: twice with nothing missed, of which the second counts, then behind. */
export async function playReturns(peer: RunningPeer, { clients, behind }: PlaySize): Promise<Figures> {
  const stage = new Stage(peer);
  const comeBack = async (missed: number): Promise<number> => {
    const cpu = await stage.cpuOf(() => stage.order({ do: 'return', missed }));
    await pause(settleMs);
    return cpu;
  };
  const leave = async (): Promise<void> => {
    await stage.order({ do: 'cut' });
    await pause(settleMs);
  };
  try {
    await stage.open(await tokensFor(peer, clients));
    // Socket.IO recovers only who has heard something before.
    await stage.publish(1);
    await stage.order({ do: 'hear', number: 1 });
    await leave();
    await comeBack(0);
    await leave();
    const plain = await comeBack(0);
    await leave();
    await stage.publish(behind);
    const late = await comeBack(behind);
    const record = ((late - plain) / clients / behind) * 1e6;
    return { back: (plain / clients) * 1e6, record, behind: late / plain };
  } finally {
    await stage.stop();
  }
}
