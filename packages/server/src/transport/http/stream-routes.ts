import type { OutgoingHttpHeaders } from 'node:http';
import { SessionName } from '@tidings/protocol/schemas';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { frameExamples } from './documents/examples/frames.ts';
import { answer } from './endpoint.ts';
import type { Begin, ResponseTransport } from './response-transport.ts';
import type { Routes } from './routes.ts';

/** The transports that carry a session in responses. */
export interface Streams {
  events: ResponseTransport;
  polls: ResponseTransport;
}

const text = (description: string) => Type.Optional(Type.String({ description }));

/** The members of its query that a connection by HTTP shares with a socket. */
const connectionQuery = {
  cursor: text('Resume from here: the last `cursor` that came, in whatever frame'),
  topics: text(
    'Tasks and rooms that were followed when the cursor came, as `task:a,room:project:12`; without a cursor, those to follow',
  ),
  subscribe: text('Tasks and rooms to follow from now on, beside a cursor: each begins with what there is of it'),
  session: Type.Optional(
    Type.With(SessionName, {
      description:
        'A name of the client’s choice for its session in rooms: who comes back with it takes its place there again, with its state',
    }),
  ),
  unseen: text('Of these rooms, as `room:project:12`, those to follow without being shown there, or sent who is there'),
  presence: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1, default: 1, description: '0: follow all rooms of the address like that' }),
  ),
  logs: text(
    'Tasks whose logs to follow, each behind an entry, as `import-7@0,export-9@112`; they are subscribed to, unless `topics` names them',
  ),
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

/** Seconds that an answer without news waits if the client does not say. */
const defaultWait = 25;

const wait = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 60, default: defaultWait, description: 'How many seconds to wait for news' }),
);

const Frame = Type.Object({ type: Type.String() }, { additionalProperties: true });

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
      return answerBy(reply, await streams.events.open(request.raw, '/api/v1/events', query.ping ?? defaultPing));
    },
  });
  routes.add({
    call: 'GET /api/v1/sync',
    ...{ id: 'pollFrames', group: 'Inbox', summary: 'Follow the inbox by long polling' },
    description:
      'The frames of the socket `/ws/`, an answer at a time: call again with the last `cursor` in it. With one, the answer waits for news; an answer that was lost is given again.',
    ...{ who: 'user', admitsItself: true, store: 'reads' },
    query: Type.Object({ ...connectionQuery, wait }),
    answers: {
      200: answer(Type.Array(Frame), 'Frames, from `connection_established` on', {
        news: [frameExamples.connection_established, frameExamples.user_message, frameExamples.synced],
      }),
    },
    errors: { too_many: 'this user has 100 connections already; close one' },
    async handle({ request, query, reply }) {
      return answerBy(reply, await streams.polls.open(request.raw, '/api/v1/sync', query.wait ?? defaultWait));
    },
  });
}

function answerBy(reply: FastifyReply, begin: Begin): FastifyReply {
  reply.hijack();
  begin(reply.raw, reply.getHeaders() as OutgoingHttpHeaders);
  return reply;
}
