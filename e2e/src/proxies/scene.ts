import { deepStrictEqual } from 'node:assert';
import { createSender, type Sender } from '@tidings/sender';
import { ServerProcess } from '../server-process.ts';
import { until } from '../until.ts';
import { Follower } from './follower.ts';
import type { Way } from './proxy.ts';

/** Time for what passes a proxy, in milliseconds; it mostly takes some. */
const passesMs = 20_000;

/** A server, what sends by it, and clients that follow it through proxies. */
export class Scene {
  readonly server: ServerProcess;
  readonly sender: Sender;
  readonly #followers: Follower[] = [];

  private constructor(server: ServerProcess) {
    this.server = server;
    this.sender = createSender({ url: server.url, apiKey: server.apiKey });
  }

  static async start(): Promise<Scene> {
    return new Scene(await ServerProcess.start());
  }

  /** Connects a client of a user. */
  async follow(url: string, user: string, ways?: readonly Way[]): Promise<Follower> {
    const follower = new Follower(url, { user, token: this.server.token(user, []), ways });
    this.#followers.push(follower);
    await follower.client.connect();
    return follower;
  }

  async tell(user: string, message: string): Promise<void> {
    await this.sender.notify({ to: { user }, type: 'user_message', message });
  }

  /** Sends each message once the one before has come: nothing is held back until there is more. */
  async hearsAtOnce({ user, heard }: Follower): Promise<void> {
    const messages = ['one', 'two', 'three'];
    for (const [n, message] of messages.entries()) {
      await this.tell(user, message);
      await until('the next message', () => heard.length > n, passesMs);
    }
    deepStrictEqual(heard, messages);
  }

  /** Kills the server and starts it again: each of these clients hears what was sent meanwhile, once. */
  async restart(followers: readonly Follower[], withinMs = passesMs): Promise<void> {
    const expected = followers.map(({ heard }) => [...heard, 'after']);
    await this.server.kill();
    const sent = followers.map(({ user }) => this.tell(user, 'after'));
    await this.server.start();
    await Promise.all(sent);
    await Promise.all(
      followers.map(({ heard }) => until('the message after it', () => heard.includes('after'), withinMs)),
    );
    deepStrictEqual(
      followers.map(({ heard }) => heard),
      expected,
    );
  }

  async end(): Promise<void> {
    for (const { client } of this.#followers) client.disconnect();
    await this.sender.close();
    await this.server.end();
  }
}
