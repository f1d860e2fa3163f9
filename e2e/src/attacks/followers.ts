import { WebSocket } from 'ws';

export type Frame = Record<string, unknown>;

/** A client that only reads, by any transport: what has come, and how it ended. */
export interface Follower {
  readonly frames: readonly Frame[];
  /** The close code, or the status with which it was refused; null while it lasts. */
  readonly end: number | null;
  cut(): void;
}

type Connect = (
  server: { url: string },
  token: string,
  query?: Record<string, string>,
  headers?: Record<string, string>,
) => Follower;

interface Read {
  frames: Frame[];
  end: number | null;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const overWebSocket: Connect = (server, token, query = {}, headers = {}) => {
  const read: Read = { frames: [], end: null };
  const address = `${server.url.replace('http', 'ws')}/ws/?${new URLSearchParams(query)}`;
  const socket = new WebSocket(address, { headers: { ...bearer(token), ...headers } });
  socket.on('message', (data) => read.frames.push(JSON.parse(String(data))));
  socket.on('unexpected-response', (_request, response) => {
    read.end = response.statusCode ?? 0;
    response.resume();
    socket.terminate();
  });
  socket.on('close', (code) => {
    read.end ??= code;
  });
  socket.on('error', () => {});
  return Object.assign(read, { cut: () => socket.terminate() });
};

const overEvents: Connect = (server, token, { cursor, ...query } = {}, headers = {}) => {
  const read: Read = { frames: [], end: null };
  const cut = new AbortController();
  void (async () => {
    const sent = { ...bearer(token), ...headers, ...(cursor === undefined ? {} : { 'last-event-id': cursor }) };
    const address = `${server.url}/api/v1/events?${new URLSearchParams(query)}`;
    const response = await fetch(address, { headers: sent, signal: cut.signal });
    if (response.status !== 200) read.end = response.status;
    let text = '';
    for await (const part of response.body ?? []) {
      text += Buffer.from(part).toString();
      const events = text.split('\n\n');
      text = events.pop() as string;
      for (const event of events) takeEvent(event, read);
    }
    read.end ??= 1000;
  })().catch(() => {
    read.end ??= 1006;
  });
  return Object.assign(read, { cut: () => cut.abort() });
};

function takeEvent(event: string, read: Read): void {
  const data = /^data: (.*)$/m.exec(event)?.[1];
  if (data === undefined) return;
  if (/^event: closed$/m.test(event)) read.end = (JSON.parse(data) as { code: number }).code;
  else read.frames.push(JSON.parse(data));
}

const overPolls: Connect = (server, token, query = {}, headers = {}) => {
  const read: Read = { frames: [], end: null };
  const cut = new AbortController();
  const now: Record<string, string> = { wait: '1', ...query };
  void (async () => {
    while (read.end === null) {
      const address = `${server.url}/api/v1/sync?${new URLSearchParams(now)}`;
      const response = await fetch(address, { headers: { ...bearer(token), ...headers }, signal: cut.signal });
      if (response.status !== 200) read.end = response.status;
      const frames = ((await response.json()) as Frame[] | Frame) ?? [];
      for (const frame of Array.isArray(frames) ? frames : []) {
        read.frames.push(frame);
        if (typeof frame.cursor === 'string') now.cursor = frame.cursor;
      }
    }
  })().catch(() => {
    read.end ??= 1006;
  });
  return Object.assign(read, { cut: () => cut.abort() });
};

/** The ways in which a client follows. */
export const transports = {
  WebSocket: overWebSocket,
  'Server-Sent Events': overEvents,
  'long polling': overPolls,
} satisfies Record<string, Connect>;
