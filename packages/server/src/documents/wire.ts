/**
 * Messages of y-protocols 1 (github.com/yjs/y-protocols, PROTOCOL.md): a number that says the kind, then its parts. Numbers are little-endian, seven
 * bits to a byte; texts and byte strings have their length first.
 */

const kinds = { sync: 0, awareness: 1, auth: 2, awarenessQuery: 3 } as const;
const steps = { stateVector: 0, missing: 1, update: 2 } as const;

/** A message of a client. */
export type ClientMessage =
  /** Asks for what the client lacks, by what it has. */
  | { kind: 'state_vector'; vector: Uint8Array }
  /** Brings changes: what the server lacks, or an edit. */
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'awareness'; states: AwarenessState[] }
  | { kind: 'awareness_query' }
  /** One that is for servers to send: it says nothing to them. */
  | { kind: 'auth' }
  | { kind: 'unknown'; number: number };

/** The state of one client, as those in the same document show it to each other: a cursor, a name. */
export interface AwarenessState {
  /** The id of the client's document: up to 53 bits. */
  client: number;
  clock: number;
  /** JSON; null if the client has left. */
  state: string | null;
}

/** Reads a message. @throws RangeError, SyntaxError where it is none */
export function readMessage(bytes: Uint8Array): ClientMessage {
  const reader = new Reader(bytes);
  const kind = reader.number();
  switch (kind) {
    case kinds.sync:
      return readSync(reader);
    case kinds.awareness:
      return { kind: 'awareness', states: readAwareness(reader.bytes()) };
    case kinds.auth:
      return { kind: 'auth' };
    case kinds.awarenessQuery:
      return { kind: 'awareness_query' };
    default:
      return { kind: 'unknown', number: kind };
  }
}

function readSync(reader: Reader): ClientMessage {
  const step = reader.number();
  if (step === steps.stateVector) return { kind: 'state_vector', vector: reader.bytes() };
  if (step === steps.missing || step === steps.update) return { kind: 'update', update: reader.bytes() };
  throw new RangeError(`a sync message is of kind 0, 1 or 2, and came as ${step}`);
}

/** Reads the states of an awareness message. @throws RangeError, SyntaxError where a state is no JSON, on which other clients would fail */
function readAwareness(bytes: Uint8Array): AwarenessState[] {
  const reader = new Reader(bytes);
  const states: AwarenessState[] = [];
  for (let left = reader.number(); left > 0; left--) {
    const [client, clock, state] = [reader.number(), reader.number(), reader.text()];
    states.push({ client, clock, state: JSON.parse(state) === null ? null : state });
  }
  return states;
}

/** Asks a client for what the server lacks. */
export const stateVectorMessage = (vector: Uint8Array): Uint8Array =>
  written((writer) => writer.number(kinds.sync).number(steps.stateVector).bytes(vector));
/** Answers a client with what it lacks. */
export const missingMessage = (update: Uint8Array): Uint8Array =>
  written((writer) => writer.number(kinds.sync).number(steps.missing).bytes(update));
export const updateMessage = (update: Uint8Array): Uint8Array =>
  written((writer) => writer.number(kinds.sync).number(steps.update).bytes(update));
export const awarenessMessage = (states: readonly AwarenessState[]): Uint8Array =>
  written((writer) => writer.number(kinds.awareness).bytes(awarenessBytes(states)));
/** Says why something was not done. Clients log it. */
export const deniedMessage = (reason: string): Uint8Array =>
  written((writer) => writer.number(kinds.auth).number(0).text(reason));

const awarenessBytes = (states: readonly AwarenessState[]): Uint8Array =>
  written((writer) => {
    writer.number(states.length);
    for (const { client, clock, state } of states)
      writer
        .number(client)
        .number(clock)
        .text(state ?? 'null');
    return writer;
  });

const written = (write: (writer: Writer) => Writer): Uint8Array => write(new Writer()).all();

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('the message ends within a number');
      value += (byte & 127) * unit;
      if (!Number.isSafeInteger(value)) throw new RangeError('a number has more than 53 bits');
      if (byte < 128) return value;
    }
  }

  bytes(): Uint8Array {
    const length = this.number();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`the message ends within ${length} bytes`);
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  text(): string {
    return Buffer.from(this.bytes()).toString();
  }
}

class Writer {
  readonly #parts: Uint8Array[] = [];

  number(value: number): this {
    const bytes: number[] = [];
    let left = value;
    for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
    bytes.push(left);
    this.#parts.push(Uint8Array.from(bytes));
    return this;
  }

  bytes(value: Uint8Array): this {
    this.number(value.length);
    this.#parts.push(value);
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value));
  }

  all(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
