import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import Type from 'typebox';
import type { Routes } from './routes.ts';

/** Lets clients in to a connection that is one response, and begins it there. Throws the TidingsError that refuses one. */
export interface Streams {
  /** @param ping the most seconds between two signs of life */
  open(
    request: IncomingMessage,
    path: string,
    ping: number,
  ): Promise<(response: ServerResponse, headers: OutgoingHttpHeaders) => void>;
}

const text = (description: string) => Type.Optional(Type.String({ description }));

/** The members of its query that a connection by HTTP shares with a socket. */
const connectionQuery = {
  cursor: text('Resume from here: the last `cursor` that came, in whatever frame'),
  topics: text('Tasks that were followed when the cursor came, as `task:a,task:b`; without a cursor, tasks to follow'),
  max_frame: text(
    'The largest frame the client takes, bytes, from 8192 (default 1000000): a larger one comes truncated',
  ),
  replay: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1,
      default: 1,
      description: '0: without a cursor, send nothing that is older',
    }),
  ),
};

/** Seconds between two signs of life if the client does not say. */
const defaultPing = 10;

const ping = Type.Optional(
  Type.Integer({
    minimum: 4,
    maximum: 60,
    default: defaultPing,
    description: 'Seconds from one sign of life to the next',
  }),
);

/** The frames of a socket over HTTP, for clients that have none. */
export function streamRoutes(routes: Routes, streams: Streams): void {
  routes.add({
    call: 'GET /api/v1/events',
    ...{ id: 'streamEvents', group: 'Inbox', summary: 'Follow the inbox by Server-Sent Events' },
    description:
      'The frames of the socket `/ws/`, each the `data` of an event whose `id` is the cursor: a browser’s EventSource resumes by itself.',
    ...{ who: 'user', admitsItself: true, store: 'reads' },
    query: Type.Object({ ...connectionQuery, ping }),
    headers: Type.Object({ 'Last-Event-ID': text('Stands for `cursor`, and goes before it') }),
    answers: {
      200: {
        ...{ description: 'The stream', type: 'text/event-stream', schema: Type.String() },
        examples: { 'a message': 'id: t1:4711:dGlkaW5n\ndata: {"type":"user_message","message":"Done",…}\n\n' },
      },
    },
    async handle({ request, query, reply }) {
      const begin = await streams.open(request.raw, '/api/v1/events', query.ping ?? defaultPing);
      reply.hijack();
      begin(reply.raw, reply.getHeaders() as OutgoingHttpHeaders);
      return reply;
    },
  });
}
