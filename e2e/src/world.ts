import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSender, type Sender } from '@tidings/sender';
import { createTidings } from '@tidings/server';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { expect, inject } from 'vitest';
import { askAt } from '../../testing/door.ts';
import { Device, type Screen, type View } from './device.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseDoor: number;
  }
}

/** Databases that a world may be kept in, each made for one test, with what removes it. */
export const databases = [
  {
    name: 'SQLite',
    async make() {
      const folder = mkdtempSync(join(tmpdir(), 'tidings-devices-'));
      return { url: `sqlite:${join(folder, 'tidings.db')}`, remove: () => rmSync(folder, { recursive: true }) };
    },
  },
  {
    name: 'PostgreSQL',
    // It goes with the server of this run.
    async make() {
      return { url: await askAt(inject('databaseDoor')), remove: () => {} };
    },
  },
];

const html = (user: string) => `<!doctype html>
  <html lang="en">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="data:,">
  <style>body { margin: 12px } header { text-align: end } tidings-inbox { max-width: 800px; margin: 12px auto }</style>
  <script src="/tidings.js" data-user="${user}" data-ui="none" defer></script>
  <header><tidings-bell></tidings-bell></header>
  <tidings-inbox></tidings-inbox>`;

/** A page of the list, as far as it is looked at. */
interface InboxPage {
  items: { id: string; title?: string; message?: string; file_name?: string }[];
  unread_count: number;
  categories: Record<string, number>;
}

/** An application with Tidings in it, what sends to people, and their devices. */
export class World {
  readonly sender: Sender;
  readonly devices: Device[] = [];
  /** The ids of sent notifications, by title. */
  readonly #ids: Record<string, string> = {};
  readonly #port: number;
  readonly #end: (() => unknown)[];

  private constructor(port: number, end: (() => unknown)[]) {
    this.#port = port;
    this.sender = createSender({ url: this.url, apiKey: 'key-of-the-back-end' });
    this.#end = [() => this.sender.close(), ...end];
  }

  static async start(make: (typeof databases)[number]['make']): Promise<World> {
    const database = await make();
    const tidings = await createTidings({
      dev: true,
      database: database.url,
      auth: { apiKeys: ['key-of-the-back-end'] },
    });
    const application = createServer((request, response) => {
      response.setHeader('content-type', 'text/html').end(html(request.url?.split('?')[1] ?? ''));
    });
    await new Promise<void>((listening) => application.listen(0, '127.0.0.1', listening));
    tidings.attach(application);
    const stop = () => {
      application.closeAllConnections();
      return new Promise((closed) => application.close(closed));
    };
    return new World((application.address() as AddressInfo).port, [() => tidings.close(), stop, database.remove]);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(browser: Browser, options: { name: string; user: string } & BrowserContextOptions): Promise<Device> {
    const device = await Device.open(browser, { port: this.#port, ...options });
    this.devices.push(device);
    return device;
  }

  async close(): Promise<void> {
    for (const device of this.devices) await device.close();
    for (const end of this.#end) await end();
  }

  /** The id of what was sent with a title. */
  id(title: string): string {
    const id = this.#ids[title];
    if (!id) throw new Error(`“${title}” was not sent`);
    return id;
  }

  /** Does something with notifications as a user, by the REST interface. */
  async act(user: string, what: string, body: object): Promise<void> {
    const response = await fetch(`${this.url}/api/v1/inbox/${what}?user=${user}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  async tell(to: Parameters<Sender['notify']>[0]['to'], title: string, rest: object = {}): Promise<void> {
    this.#ids[title] = (await this.sender.notify({ to, title, ...rest })).id;
  }

  /** A page of somebody's inbox over REST. */
  async inbox(user: string, query = ''): Promise<InboxPage> {
    const response = await fetch(`${this.url}/api/v1/inbox?user=${user}&limit=100&${query}`);
    expect(response.status).toBe(200);
    return response.json() as Promise<InboxPage>;
  }

  /** The expected screen of a view, as the REST interface tells it. */
  async truth(user: string, view: View): Promise<Screen> {
    const { items, unread_count, categories } = await this.inbox(user, `view=${view}`);
    const unread = new Set((await this.inbox(user, `view=${view}&unread=true`)).items.map(({ id }) => id));
    const counts: Screen['counts'] = unread_count > 0 ? { Unread: unread_count } : {};
    for (const [name, count] of Object.entries(categories)) counts[name] = count;
    return {
      badge: `Notifications, ${unread_count || 'no'} unread`,
      counts,
      lines: items.map((item) => ({
        title: item.file_name ?? item.title ?? item.message ?? '',
        isUnread: unread.has(item.id),
      })),
    };
  }
}
