/** Hears one frame: where its payload stands in the buffer, which is reused as soon as this returns. */
export type OnFrame = (opcode: number, buffer: Buffer, start: number, end: number) => void;

/** Cuts a server's bytes into WebSocket frames (RFC 6455 section 5.2) without copying any but a frame split over reads. */
export class FrameReader {
  /** The reads of a frame that is not whole yet. */
  #parts: Buffer[] = [];
  #held = 0;
  /** The length of that frame, in bytes; 0 where its header is not whole. */
  #wanted = 0;

  read(chunk: Buffer, onFrame: OnFrame): void {
    this.#held += chunk.length;
    if (this.#held < this.#wanted) {
      this.#parts.push(Buffer.from(chunk));
      return;
    }
    const buffer = this.#parts.length > 0 ? Buffer.concat([...this.#parts, chunk]) : chunk;
    this.#keep([], 0);
    let at = 0;
    while (at < buffer.length) {
      const start = payloadStart(buffer, at);
      const end = start === -1 ? -1 : start + payloadLength(buffer, at);
      if (end === -1 || end > buffer.length) {
        this.#keep([Buffer.from(buffer.subarray(at))], end === -1 ? 0 : end - at);
        return;
      }
      onFrame((buffer[at] as number) & 0x0f, buffer, start, end);
      at = end;
    }
  }

  #keep(parts: Buffer[], wanted: number): void {
    this.#parts = parts;
    this.#held = parts[0]?.length ?? 0;
    this.#wanted = wanted;
  }
}

/** The start of the payload of the frame at `at`; -1 if its header is not whole. */
function payloadStart(buffer: Buffer, at: number): number {
  if (at + 2 > buffer.length) return -1;
  const short = (buffer[at + 1] as number) & 0x7f;
  const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
  return start <= buffer.length ? start : -1;
}

function payloadLength(buffer: Buffer, at: number): number {
  const short = (buffer[at + 1] as number) & 0x7f;
  if (short < 126) return short;
  return short === 126 ? buffer.readUInt16BE(at + 2) : Number(buffer.readBigUInt64BE(at + 2));
}

/** A client's frame of less than 64 KiB, masked with zeros: the rule is kept and the payload stays readable. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const header = payload.length < 126 ? Buffer.alloc(6) : Buffer.alloc(8);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | Math.min(payload.length, 126);
  if (payload.length >= 126) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
