import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Person, personOf } from './people.ts';

const cookieName = 'budget_session';

/** The application's own sessions: a signed cookie that names who signed in. Tidings asks them who is there. */
export class Sessions {
  readonly #key: Buffer;

  /** Without a secret, sessions end with the process. */
  constructor(secret: string | undefined) {
    this.#key = createHmac('sha256', secret ?? randomBytes(32))
      .update('budget-transfer sessions')
      .digest();
  }

  /** The person of this request; null if nobody has signed in. */
  personOf(request: IncomingMessage): Person | null {
    const [id = '', signature = ''] = cookieOf(request, cookieName).split('.');
    const expected = Buffer.from(this.#sign(id));
    const got = Buffer.from(signature);
    if (got.length !== expected.length || !timingSafeEqual(got, expected)) return null;
    return personOf(id) ?? null;
  }

  /** True for a browser that has never signed in under this host name; one that has signed out is not new. */
  isNew(request: IncomingMessage): boolean {
    return cookieOf(request, cookieName) === '';
  }

  /** The `Set-Cookie` that signs somebody in. */
  begin(person: Person): string {
    return `${cookieName}=${person.id}.${this.#sign(person.id)}; Path=/; HttpOnly; SameSite=Lax`;
  }

  /** The `Set-Cookie` that signs out. */
  end(): string {
    return `${cookieName}=nobody; Path=/; HttpOnly; SameSite=Lax`;
  }

  #sign(id: string): string {
    return createHmac('sha256', this.#key).update(id).digest('base64url');
  }
}

function cookieOf(request: IncomingMessage, name: string): string {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1] ?? '';
}
