import type { Page } from 'playwright-core';
import type { createTidingsClient } from '../create-client.ts';
import type * as transports from '../transport/index.ts';
import { chunksOf } from './bundles.ts';

type Frame = Record<string, unknown> & { type: string };
type Client = ReturnType<typeof createTidingsClient>;
export type TransportName = Exclude<keyof typeof transports, 'Transport'>;

declare global {
  /** The clients of the page, and what takes their frames out of it. */
  var devices: Record<string, Client>;
  var heard: (device: string, frame: Frame) => void;
}

/** The package as its users load it, and an empty page, by their paths. */
export async function pageFiles(): Promise<Map<string, string>> {
  const files = new Map([['/page', '<title>Page</title>']]);
  const entries = { core: 'src/index.ts', transports: 'src/transport/index.ts' };
  for (const [place, entry] of Object.entries(entries)) {
    for (const { fileName, code } of await chunksOf(entry)) files.set(`/${place}/${fileName}`, code);
  }
  return files;
}

/** Clients in one page, each by a transport of its own. */
export class PageDevices {
  readonly #page: Page;
  readonly #devices = new Map<string, PageDevice>();

  private constructor(page: Page) {
    this.#page = page;
  }

  /** @param url of a page of `pageFiles` */
  static async in(page: Page, url: string): Promise<PageDevices> {
    const devices = new PageDevices(page);
    await page.exposeFunction('heard', (name: string, frame: Frame) => devices.#devices.get(name)?.frames.push(frame));
    await page.goto(url);
    return devices;
  }

  /** Makes a client. It connects when it is told to. */
  async add(transport: TransportName, query: Record<string, string> = {}): Promise<PageDevice> {
    const name = `${this.#devices.size}`;
    const device = new PageDevice(this.#page, name);
    this.#devices.set(name, device);
    await this.#page.evaluate(
      async ({ name, transport, query }) => {
        const core = '/core/entry.js';
        const ways = '/transports/entry.js';
        const { createTidingsClient: create } = (await import(core)) as {
          createTidingsClient: typeof createTidingsClient;
        };
        const made = (await import(ways)) as typeof transports;
        const client = create({ query, transport: made[transport](), reconnect: { minDelayMs: 20, maxDelayMs: 500 } });
        client.on('*', (frame) => heard(name, frame as never));
        globalThis.devices = { ...globalThis.devices, [name]: client };
      },
      { name, transport, query },
    );
    return device;
  }

  /** Disconnects all. */
  async end(): Promise<void> {
    await this.#page.evaluate(() => {
      for (const client of Object.values(globalThis.devices ?? {})) client.disconnect();
    });
  }
}

/** One of them. */
export class PageDevice {
  /** The frames that its client has called handlers with. */
  readonly frames: Frame[] = [];
  readonly #page: Page;
  readonly #name: string;

  constructor(page: Page, name: string) {
    this.#page = page;
    this.#name = name;
  }

  /** Runs in the page. @param given is copied there */
  run<G, R>(call: (client: Client, given: G) => R, given?: G): Promise<Awaited<R>> {
    const code = `(${call})(globalThis.devices[${JSON.stringify(this.#name)}], ${JSON.stringify(given ?? null)})`;
    return this.#page.evaluate(code) as Promise<Awaited<R>>;
  }

  connect(token: string): Promise<void> {
    return this.run((client, jwt: string) => client.connect(jwt), token);
  }

  of(type: string): Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  get messages(): unknown[] {
    return this.of('user_message').map(({ message }) => message);
  }
}
