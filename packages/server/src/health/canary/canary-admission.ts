import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Admission, AdmissionOptions, AdmissionResult } from '../../session/admission.ts';
import type { Connection, ConnectionEvents } from '../../session/connection.ts';

/** The header by which a connection of this process to itself is known. */
export const canaryHeader = 'x-tidings-canary';

/** Lets the canary's own connections in, on the paths and by the transports of everybody, and leaves all others to the admission of users. */
export class CanaryAdmission implements Pick<Admission, 'admit' | 'handles'> {
  /** Known to this process alone. */
  readonly secret = randomBytes(32).toString('base64url');
  readonly #admission: Pick<Admission, 'admit' | 'handles'>;
  readonly #open: (connection: Connection) => ConnectionEvents;

  /** @param open serves a connection of the canary */
  constructor(admission: Pick<Admission, 'admit' | 'handles'>, open: (connection: Connection) => ConnectionEvents) {
    this.#admission = admission;
    this.#open = open;
  }

  handles(path: string): boolean {
    return this.#admission.handles(path);
  }

  async admit(request: IncomingMessage, path: string, options?: AdmissionOptions): Promise<AdmissionResult> {
    if (request.headers[canaryHeader] !== this.secret) return this.#admission.admit(request, path, options);
    return { kind: 'open', begin: this.#open };
  }
}
