import { createHmac } from 'node:crypto';
import { createTidings, type Tidings } from '@tidings/server';
import type { Browser, Page } from 'playwright-core';
import { type PageDevice, PageDevices, type TransportName } from './page-device.ts';
import { PageProxy } from './page-proxy.ts';

const jwtSecret = 'a secret of at least thirty-two bytes';
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of `serverOn` for a user. */
export function tokenOf(sub: string, claims: object = {}): string {
  const text = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ sub, ...claims })}`;
  return `${text}.${createHmac('sha256', jwtSecret).update(text).digest('base64url')}`;
}

export const serverOn = (database: string): Promise<Tidings> => createTidings({ database, auth: { jwtSecret } });

interface Node {
  tidings: Tidings;
  port: number;
}

/** A page before the nodes of one database: what is sent goes to the first node, and its clients connect to the last. */
export class PageSite {
  readonly name: string;
  readonly #nodes: readonly [Node, ...Node[]];
  readonly #database: string;
  readonly #proxy: PageProxy;
  readonly #page: Page;
  readonly devices: PageDevices;

  private constructor(
    name: string,
    { nodes, database }: { nodes: readonly [Node, ...Node[]]; database: string },
    { proxy, page, devices }: { proxy: PageProxy; page: Page; devices: PageDevices },
  ) {
    this.name = name;
    this.#nodes = nodes;
    this.#database = database;
    this.#proxy = proxy;
    this.#page = page;
    this.devices = devices;
  }

  static async open(
    { name, database, nodes: count }: { name: string; database: string; nodes: number },
    browser: Browser,
    files: ReadonlyMap<string, string>,
  ): Promise<PageSite> {
    const nodes: Node[] = [];
    while (nodes.length < count) {
      const tidings = await serverOn(database);
      nodes.push({ tidings, port: (await tidings.listen({ port: 0 })).port });
    }
    const [first, ...others] = nodes as [Node, ...Node[]];
    const proxy = await PageProxy.to((others.at(-1) ?? first).port, files, { upgrades: 'passed' });
    const page = await browser.newPage();
    const devices = await PageDevices.in(page, `${proxy.url}/page`);
    return new PageSite(name, { nodes: [first, ...others], database }, { proxy, page, devices });
  }

  get tidings(): Tidings {
    return this.#nodes[0].tidings;
  }

  send(to: { user: string } | { role: string }, message: string) {
    return this.tidings.notify({ to, type: 'user_message', message });
  }

  async connected(transport: TransportName, user: string, claims: object = {}): Promise<PageDevice> {
    const device = await this.devices.add(transport);
    await device.connect(tokenOf(user, claims));
    return device;
  }

  /** Cuts all connections. They come back to the next node. */
  cut(): void {
    const at = this.#nodes.findIndex(({ port }) => port === this.#proxy.port);
    this.#proxy.port = (this.#nodes[at + 1] ?? this.#nodes[0]).port;
    this.#proxy.cut();
  }

  /** Restarts the node that the clients are connected to. @param before runs before that one listens again */
  async restart(before: () => Promise<unknown>): Promise<void> {
    const node = this.#nodes.find(({ port }) => port === this.#proxy.port) as Node;
    await node.tidings.close();
    node.tidings = await serverOn(this.#database);
    await before();
    await node.tidings.listen({ port: node.port });
  }

  async close(): Promise<void> {
    await this.#page.close();
    this.#proxy.close();
    for (const { tidings } of this.#nodes) await tidings.close();
  }
}
