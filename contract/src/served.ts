import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util';
import { createTidings, type Tidings } from '@tidings/server';
import { type Command, run } from './run.ts';

const apiKey = 'key-of-the-back-end';
const userToken = 'the-session-of-42';

/** A server whose document clients are made of, and on which they are tried. */
export class Served {
  /** Path of its document, for tools that read files. */
  readonly document: string;
  readonly #tidings: Tidings;
  readonly #url: string;

  private constructor(tidings: Tidings, url: string, document: string) {
    this.#tidings = tidings;
    this.#url = url;
    this.document = document;
  }

  /** Starts on a free port, with its files in a folder that is emptied first. */
  static async start(folder: string): Promise<Served> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const tidings = await createTidings({
      database: `sqlite:${join(folder, 'tidings.db')}`,
      auth: {
        apiKeys: [apiKey],
        authenticate: ({ headers }) => (headers.authorization === `Bearer ${userToken}` ? { sub: '42' } : null),
      },
    });
    const { url } = await tidings.listen({ port: 0 });
    const document = join(folder, 'openapi.json');
    await writeFile(document, await (await fetch(`${url}/openapi.json`)).text());
    return new Served(tidings, url, document);
  }

  /** Lets a client do what it does. Throws with what it did otherwise than it should. */
  async try(name: string, program: Command): Promise<void> {
    const given = { TIDINGS_URL: this.#url, TIDINGS_API_KEY: apiKey, TIDINGS_TOKEN: userToken, TIDINGS_NAME: name };
    const said = await run({ ...program, env: { ...program.env, ...given } });
    // Maven begins what a program prints with a colour code.
    const did = JSON.parse(/^\{.*\}$/m.exec(stripVTControlCharacters(said))?.[0] ?? 'null') as unknown;
    const expected = await this.#expected(name);
    if (!isDeepStrictEqual(did, expected)) {
      throw new Error(`${name} did ${JSON.stringify(did)}, and should have done ${JSON.stringify(expected)}`);
    }
  }

  close(): Promise<void> {
    return this.#tidings.close();
  }

  /** Answer of a client that works: what it sent is in the inbox of the user, the newest first. */
  async #expected(name: string) {
    const headers = { authorization: `Bearer ${userToken}` };
    const { items } = (await (await fetch(`${this.#url}/api/v1/inbox?limit=2`, { headers })).json()) as {
      items: { title: string; rev: number }[];
    };
    const revs = [`one by ${name}`, `all by ${name}`].map((title) => items.find((item) => item.title === title)?.rev);
    return { revs, shown: items.map(({ rev }) => rev), code: 'not_found' };
  }
}
