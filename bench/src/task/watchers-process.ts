// The process of those who watch a task: its sockets, and when each of them heard what.
import { monotonicMicros } from '../load/monotonic.ts';

export interface WatchOrder {
  do: 'watch';
  url: string;
  tokens: string[];
  task: string;
}

export interface Heard {
  /** By socket: the number of each report that was heard, and when, in µs. */
  reports: { n: number; at: number }[][];
  /** By socket: when the task's end was heard; null if it was not. */
  ends: (number | null)[];
}

let heard: Heard = { reports: [], ends: [] };
let sockets: WebSocket[] = [];

/** A socket that follows the task; resolves when it does. */
function open({ url, task }: WatchOrder, token: string, place: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/tasks/?token=${token}`);
    sockets.push(socket);
    socket.onerror = () => reject(new Error('a watcher could not connect'));
    socket.onmessage = ({ data }) => {
      const at = monotonicMicros();
      const frame = JSON.parse(String(data));
      if (frame.type === 'synced') socket.send(JSON.stringify({ action: 'subscribe', task_id: task, ref: 1 }));
      if (frame.type === 'reply') resolve();
      if (frame.task_id !== task || frame.data?.n === undefined) return;
      heard.reports[place]?.push({ n: frame.data.n, at });
      if (frame.type === 'task_complete') heard.ends[place] = at;
    };
  });
}

async function watch(order: WatchOrder): Promise<{ watching: number }> {
  heard = { reports: order.tokens.map(() => []), ends: order.tokens.map(() => null) };
  sockets = [];
  await Promise.all(order.tokens.map((token, place) => open(order, token, place)));
  return { watching: sockets.length };
}

async function report(): Promise<Heard> {
  const until = monotonicMicros() + 3_000_000;
  while (heard.ends.includes(null) && monotonicMicros() < until) await new Promise((next) => setTimeout(next, 5));
  for (const socket of sockets) socket.close();
  return heard;
}

process.on('message', (order: WatchOrder | { do: 'report' }) => {
  void (order.do === 'watch' ? watch(order) : report()).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
