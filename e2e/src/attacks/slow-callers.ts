import { expect } from 'vitest';
import type { AttackedServer } from './attacked-server.ts';
import { headOf, RawConnection, upgradeOf } from './raw-connection.ts';

/** Beginnings that never come to an end. */
function beginnings(server: AttackedServer): [name: string, first: string][] {
  const user = { Authorization: `Bearer ${server.token({ sub: 'slow' })}` };
  const post = (headers: Record<string, string>) =>
    headOf('POST /api/v1/actions', { ...user, ...server.stranger(), 'Content-Type': 'application/json', ...headers });
  return [
    ['a connection that says nothing', ''],
    ['the head of a request', 'GET /api/v1/inbox HTTP/1.1\r\nHost: localhost\r\nX: '],
    ['the head of an upgrade', upgradeOf('/ws/').slice(0, -4)],
    ['the head of a stream', 'GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX: '],
    ['a body', `${post({ 'Content-Length': '1000' })}{`],
    ['a body in chunks', `${post({ 'Transfer-Encoding': 'chunked' })}1\r\n{\r\n`],
    ['a socket that never says who it is', upgradeOf('/ws/?auth=frame', server.stranger())],
  ];
}

/** Callers that send a byte each half second, from the beginning of the suite on. */
export class SlowCallers {
  readonly #callers: { name: string; connection: RawConnection; begun: number; lasted: number | null }[] = [];
  #timer: NodeJS.Timeout | undefined;

  static async begin(server: AttackedServer): Promise<SlowCallers> {
    const callers = new SlowCallers();
    for (const [name, first] of beginnings(server)) {
      const connection = await RawConnection.open(server.port, first);
      const caller = { name, connection, begun: performance.now(), lasted: null as number | null };
      void connection.over.then(() => {
        caller.lasted = performance.now() - caller.begun;
      });
      callers.#callers.push(caller);
    }
    const isSilent = (name: string) => name.includes('says nothing') || name.includes('who it is');
    callers.#timer = setInterval(() => {
      for (const { name, connection } of callers.#callers) if (!isSilent(name)) void connection.send('1');
    }, 500);
    return callers;
  }

  /** All of them have been given up in time: after 10 s, and what a busy machine takes more. Node itself would wait for a minute. */
  async expectEnd(): Promise<void> {
    for (const { name, connection } of this.#callers) expect(await connection.endsWithin(20_000), name).toBe(true);
    for (const { name, lasted } of this.#callers) expect(lasted, name).toBeLessThan(20_000);
  }

  end(): void {
    clearInterval(this.#timer);
    for (const { connection } of this.#callers) connection.cut();
  }
}
