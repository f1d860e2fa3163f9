import type { TaskLogEntry } from '@tidings/protocol';
import { Frame } from '../fanout/frame.ts';
import { withChunksJoined } from '../tasks/log-entries.ts';

/** Bytes past which entries go into a further frame. */
const frameBytes = 65_536;
/** Bytes of a frame beside its entries and the id of its task, and of an entry beside its text. */
const overhead = 200;

/** The frames that bring entries of the log of a task to a client, in order. @param maxFrame the largest that it takes, bytes */
export function logFrames(taskId: string, entries: readonly TaskLogEntry[], maxFrame: number): Frame[] {
  const task = JSON.stringify(taskId);
  const space = maxFrame - overhead - Buffer.byteLength(task);
  const frames: Frame[] = [];
  let texts: string[] = [];
  let size = 0;
  const flush = (): void => {
    if (texts.length === 0) return;
    const text = `{"type":"task_log","task_id":${task},"entries":[${texts.join()}]}`;
    frames.push(new Frame(text, { origin: 'session' }));
    [texts, size] = [[], 0];
  };
  // In JSON a character has six bytes at most.
  const joined = withChunksJoined(entries, Math.floor((Math.min(space, frameBytes) - overhead) / 6));
  for (const entry of joined) {
    const text = within(entry, space);
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > Math.min(space, frameBytes)) flush();
    texts.push(text);
    size += bytes;
  }
  flush();
  return frames;
}

/** An entry as JSON. Of one that is too large for the client the beginning is sent, and that there is more. */
function within(entry: TaskLogEntry, space: number): string {
  const text = JSON.stringify(entry);
  if (Buffer.byteLength(text) < space) return text;
  const short = entry.text.slice(0, Math.floor((space - overhead) / 6)).replace(/[\ud800-\udbff]$/, '');
  return JSON.stringify({ ...entry, text: short, truncated: true });
}
