import { decodeText, encodeText } from '../../store/postgres/characters.ts';

/** PostgreSQL takes fewer bytes than this in one notification. */
const payloadLimit = 8_000;

/** One notification between nodes. `probe` is for its sender alone: that it arrives shows that the connection works. */
export type Message =
  | { kind: 'committed'; term: string; from: number; to: number }
  | { kind: 'text'; channel: string; text: string }
  | { kind: 'probe' };

/** The payload of a message: the node that sends it, then the message. Throws RangeError if it is too long for one notification. */
export function encodeMessage(node: string, message: Message): string {
  const payload = `${node} ${encodeBody(message)}`;
  const bytes = Buffer.byteLength(payload);
  if (bytes < payloadLimit) return payload;
  throw new RangeError(`a message and its channel's name must fit into ${payloadLimit} bytes; got ${bytes}`);
}

function encodeBody(message: Message): string {
  if (message.kind === 'probe') return 'probe';
  if (message.kind === 'committed') {
    const { term, from, to } = message;
    return `committed ${JSON.stringify({ term, from, to })}`;
  }
  // Not as JSON, which makes it longer.
  const channel = encodeText(message.channel);
  return `text ${channel.length} ${channel}${encodeText(message.text)}`;
}

/** Reads a payload; null for one that is none of ours, since everybody who may use the database may notify. */
export function decodeMessage(payload: string): { node: string; message: Message } | null {
  const [, node, kind, rest] = /^(\S+) (\w+) ?(.*)$/s.exec(payload) ?? [];
  if (node === undefined || rest === undefined) return null;
  if (kind === 'probe') return { node, message: { kind } };
  if (kind === 'committed') {
    const range = /^\{"term":"([\w-]+)","from":(\d+),"to":(\d+)\}$/.exec(rest);
    return range && { node, message: { kind, term: range[1] as string, from: Number(range[2]), to: Number(range[3]) } };
  }
  const [, length, both] = /^(\d+) (.*)$/s.exec(rest) ?? [];
  if (kind !== 'text' || both === undefined) return null;
  const channel = decodeText(both.slice(0, Number(length)));
  return { node, message: { kind, channel, text: decodeText(both.slice(Number(length))) } };
}
