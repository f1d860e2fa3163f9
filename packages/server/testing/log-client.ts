/** A client of the log of one task that does what PROTOCOL.md asks of one. */
export class LogClient {
  /** The number of the last entry that it has: it comes back with it. */
  seq = 0;
  text = '';

  /** Takes in what came. @throws Error where it is not what follows */
  apply(frame: { type?: unknown; entries?: unknown }): void {
    if (frame.type !== 'task_log') return;
    for (const { seq, first_seq = seq, text } of frame.entries as { seq: number; first_seq?: number; text: string }[]) {
      if (first_seq !== this.seq + 1) throw new Error(`entry ${first_seq}–${seq} came behind ${this.seq}`);
      this.seq = seq;
      this.text += text;
    }
  }
}
