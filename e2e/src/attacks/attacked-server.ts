import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ServeProcess } from '../../../packages/server/testing/cli/serve-process.ts';
import { TempFolder } from '../../../packages/server/testing/temp-store.ts';
import { token } from '../../../packages/server/testing/tokens.ts';
import { residentBytes } from '../resident-memory.ts';
import { until } from '../until.ts';
import { type Follower, transports } from './followers.ts';

const prototypeWatch = new URL('./prototype-watch.ts', import.meta.url).href;

/** The claims that every good token has. */
const issued = { iss: 'https://issuer.example', aud: 'tidings' };

/** The most that an attack may add to the memory of the process, with what its garbage collector has not looked at, bytes. */
const memoryBound = 160 * 1024 ** 2;

/** The attempt of an attacker, and what is expected of the server. */
export interface Attack {
  name: string;
  run(server: AttackedServer): Promise<void>;
}

/**
 * The command `tidings serve` with its default limits, and all that it writes. It trusts a proxy on loopback, so that each attacker has an
 * address of its own.
 */
export class AttackedServer {
  readonly apiKey = `key-${randomBytes(16).toString('hex')}`;
  readonly secret = randomBytes(32).toString('base64');
  readonly #process: ServeProcess;
  #bystander: Follower | undefined;
  #memory = 0;
  #addresses = 0;
  readonly #signatures = new Set<string>();
  readonly #folder = new TempFolder();

  private constructor(settings: Record<string, string>) {
    this.#process = new ServeProcess({
      folder: this.#folder.path,
      preload: prototypeWatch,
      settings: {
        ...{ PORT: '0', LOG_LEVEL: 'debug', TRUSTED_PROXIES: '127.0.0.1', API_KEY: this.apiKey },
        ...{ JWT_SECRET: this.secret, JWT_ISSUER: issued.iss, JWT_AUDIENCE: issued.aud, ...settings },
      },
    });
  }

  /** @param settings variables of the command, without their `TIDINGS_` */
  static async start(settings: Record<string, string> = {}): Promise<AttackedServer> {
    const server = new AttackedServer(settings);
    try {
      await server.#process.start();
      await server.#watch();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get url(): string {
    return this.#process.url;
  }

  /** All that it wrote. */
  get output(): string {
    return this.#process.output;
  }

  /** All that must stand in no log: the secret, the key, and the signatures of the tokens. */
  get secrets(): string[] {
    return [this.secret, this.apiKey, ...this.#signatures];
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The headers of somebody at an address that nobody had before. */
  stranger(): Record<string, string> {
    this.#addresses++;
    return { 'x-forwarded-for': `198.18.${this.#addresses >> 8}.${this.#addresses & 255}` };
  }

  /** A JWT as the issuer of this server makes it, but for what is given. */
  token(claims: object, header: object = {}, key: string | Buffer = this.secret): string {
    const signed = token({ ...issued, ...claims }, header, key);
    this.#signatures.add(signed.slice(signed.lastIndexOf('.') + 1));
    return signed;
  }

  /** A call with the API key, or with other headers. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
  }

  /** A call as a user. */
  callAs(sub: string, method: string, path: string, body?: unknown) {
    return this.call(method, path, body, { ...this.stranger(), authorization: `Bearer ${this.token({ sub })}` });
  }

  /** Throws unless it is ready, another user's news goes on, its memory is flat, and it has logged no failure. */
  async checkUnharmed(): Promise<void> {
    const bystander = this.#bystander as Follower;
    assert.ok(this.#process.isRunning, this.output.slice(-2_000));
    assert.equal((await this.call('GET', '/readyz')).status, 200);
    const { body } = await this.call('POST', '/api/v1/notifications', { to: { user: 'bystander' }, message: 'news' });
    await until(
      "a bystander's news",
      () => bystander.frames.some(({ id }) => id === body.id) || bystander.end !== null,
    );
    assert.equal(bystander.end, null);
    assert.equal(/.*("level":"error"|"stack"|\n\s+at |Warning:).*/.exec(this.output)?.[0], undefined);
    const grown = residentBytes(this.#process.pid) - this.#memory;
    assert.ok(grown < memoryBound, `its memory has grown by ${Math.round(grown / 1024 ** 2)} MiB`);
  }

  /** The end of the process, in good order. @returns its exit code */
  async stop(): Promise<number | null> {
    const code = await this.#process.end();
    this.#folder.remove();
    return code;
  }

  /** Lets a bystander connect, and notes the memory of a server that has done some work. */
  async #watch(): Promise<void> {
    this.#bystander = transports.WebSocket(this, this.token({ sub: 'bystander' }));
    await until('the bystander', () => this.#bystander?.frames.some(({ type }) => type === 'synced'));
    for (let n = 0; n < 20; n++) await this.callAs('bystander', 'GET', '/api/v1/inbox');
    this.#memory = residentBytes(this.#process.pid);
  }
}
