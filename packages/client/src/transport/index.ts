export { eventStreamTransport } from './event-stream.ts';
export { type FallbackOptions, fallbackTransport } from './fallback.ts';
export { longPollTransport } from './long-poll.ts';
export type { Transport, TransportOptions } from './transport.ts';
export { webSocketTransport } from './websocket.ts';
