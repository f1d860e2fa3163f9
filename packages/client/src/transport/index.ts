export { eventStreamTransport } from './event-stream.ts';
export { fallbackTransport } from './fallback.ts';
export { longPollTransport } from './long-poll.ts';
export type { Transport } from './transport.ts';
export { webSocketTransport } from './websocket.ts';
