import type { PresenceMember } from '@tidings/protocol';
import { Frame } from '../fanout/frame.ts';

/** A part of a frame of presence: a member as JSON, or the id of a user who has left. */
export type PresencePart =
  | { name: 'members' | 'joined' | 'changed'; id: string; text: string }
  | { name: 'left'; id: string };

/** Bytes of a message beside its members: the name of the room, and all that an encoding adds. */
const envelopeBytes = 2_000;

/**
 * The frames of one difference, or of the whole of a room, made once for all who are sent it. What is larger than a client takes comes as several: those who
 * do not fit into `members` follow as `joined`.
 */
export class PresenceFrames {
  readonly #room: string;
  readonly #parts: readonly PresencePart[];
  #whole: Frame | null = null;
  #bytes = 0;
  /** By the largest frame that a client takes. */
  readonly #divided = new Map<number, readonly Frame[]>();

  constructor(room: string, parts: readonly PresencePart[]) {
    this.#room = room;
    this.#parts = parts;
  }

  /** @param maxFrame the largest frame that the client takes, bytes */
  within(maxFrame: number): readonly Frame[] {
    if (!this.#whole) {
      this.#whole = this.#frame(this.#parts);
      this.#bytes = Buffer.byteLength(this.#whole.text);
    }
    if (this.#bytes + envelopeBytes <= maxFrame) return [this.#whole];
    const known = this.#divided.get(maxFrame);
    if (known) return known;
    const frames = divided(this.#parts, maxFrame - envelopeBytes).map((parts) => this.#frame(parts));
    this.#divided.set(maxFrame, frames);
    return frames;
  }

  #frame(parts: readonly PresencePart[]): Frame {
    const members = ['members', 'joined', 'changed'].flatMap((name) => {
      const texts = parts.flatMap((part) =>
        part.name === name && part.name !== 'left' ? [`${JSON.stringify(part.id)}:${part.text}`] : [],
      );
      // A room without anybody is told so.
      const isThere = texts.length > 0 || (name === 'members' && parts.length === 0);
      return isThere ? [`"${name}":{${texts.join()}}`] : [];
    });
    const left = parts.flatMap(({ name, id }) => (name === 'left' ? [id] : []));
    if (left.length > 0) members.push(`"left":${JSON.stringify(left)}`);
    return new Frame(`{"type":"presence","room":${JSON.stringify(this.#room)},${members.join()}}`, {
      origin: 'session',
    });
  }
}

function divided(parts: readonly PresencePart[], atMost: number): PresencePart[][] {
  let group: PresencePart[] = [];
  const groups = [group];
  let bytes = 0;
  for (const part of parts.map((part) => fitting(part, atMost))) {
    const size = sizeOf(part);
    if (group.length > 0 && bytes + size > atMost) {
      group = [];
      groups.push(group);
      bytes = 0;
    }
    group.push(part.name === 'members' && groups.length > 1 ? { ...part, name: 'joined' } : part);
    bytes += size;
  }
  return groups;
}

const sizeOf = (part: PresencePart): number =>
  Buffer.byteLength(JSON.stringify(part.id)) + 2 + (part.name === 'left' ? 0 : Buffer.byteLength(part.text));

/** A member as it fits: without the states of sessions where these are too large, and without sessions that are too many. */
function fitting(part: PresencePart, atMost: number): PresencePart {
  if (sizeOf(part) <= atMost || part.name === 'left') return part;
  const { username, sessions } = JSON.parse(part.text) as PresenceMember;
  const bare = Object.fromEntries(Object.keys(sessions).map((id) => [id, {}]));
  const few = { ...part, text: JSON.stringify({ username, sessions: bare }) };
  return sizeOf(few) <= atMost ? few : { ...part, text: JSON.stringify({ username, sessions: {} }) };
}
