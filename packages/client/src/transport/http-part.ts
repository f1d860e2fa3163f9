/** The transports that are made of requests: a script of its own for pages with the script tag. */
export { eventStreamTransport } from './event-stream.ts';
export { longPollTransport } from './long-poll.ts';
