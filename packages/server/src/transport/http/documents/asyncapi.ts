import type { ActionName } from '@tidings/protocol';
import Type from 'typebox';
import { Definitions, type JsonSchema } from './definitions.ts';
import { closeGuide, errorGuide } from './error-guide.ts';
import { actionExamples } from './examples/actions.ts';
import { socketSecurity } from './security.ts';
import { actionNames, socketMessages } from './socket-messages.ts';

const about = `Live frames for one user over a WebSocket. They are the same as Server-Sent Events and by long polling, see \`/openapi.json\`. *Receive* operations are what clients send, *send* operations what the server sends.

A frame is one JSON text message. The first is always \`connection_established\`; frames up to \`synced\` are marked \`replayed: true\`, oldest first; then it is live.
Keep the last \`cursor\` that came, in whatever frame, as the text it is: every live frame carries one, and so do \`synced\` and \`ping\`.
Reconnect with \`?cursor=…\` and what was missed is sent, once, as it is then. A frame whose \`rev\` is not newer than the one held under the same \`id\` is dropped.
Every action with a \`ref\` is answered by \`reply\` or \`error\` with that \`ref\`. Names of types that are not here are events of the application’s own.

Paths work with and without their trailing slash. Without a token, or with a bad one, a browser's socket is closed with 4401, and a program (without Origin) is refused by HTTP 401 at the upgrade; pages of foreign origins are refused with 403.`;

const text = (description: string) => Type.Optional(Type.String({ description }));

/** The query parameters of a socket's URL. */
const SocketQuery = Type.Object({
  token: text('A JWT whose `sub` is the user’s id'),
  auth: Type.Optional(
    Type.Literal('frame', {
      description: 'The first frame will be `authenticate`, within 10 s, in place of a token here',
    }),
  ),
  cursor: text(
    'Resume from here: the last `cursor` that came, in whatever frame. It is good for the user it was given to',
  ),
  max_frame: text(
    'The largest frame the client takes, bytes, from 8192 (default 1000000): a larger one comes truncated, with the `url` where it is read',
  ),
  session: text(
    'A name of the client’s choice for its session in rooms: who comes back with it takes its place there again, with its state',
  ),
  presence: text('0: follow the rooms of the address without being shown there, or sent who is there'),
  unseen: text('The same for some of these rooms alone, as `room:project:12`'),
  topics: text('Tasks and rooms that were followed when the cursor was earned, as `task:a,room:project:12`'),
  subscribe: text('Tasks and rooms to follow from now on, beside a cursor: each begins with what there is of it'),
  logs: text('Tasks whose logs to follow, each behind an entry, as `import-7@0,export-9@112`'),
  replay: Type.Optional(
    Type.Literal('0', { description: 'Send no recent notifications on connecting without a cursor' }),
  ),
});

interface Channel {
  address: string;
  hears: string;
  /** The parameters of its address, each with what it means. */
  parameters?: Record<string, string>;
  /** The actions and frames of one that does not speak all of the protocol. */
  only?: { actions: readonly ActionName[]; frames: readonly string[] };
}

const room = { id: 'The id of the room, encoded as `encodeURIComponent` does it' };
const ofRoom =
  'Its latest events, then live ones, for those who may follow the room; others are refused with 403, or closed with 4403.';

/** The paths of sockets, by the name each has in the document. */
const channels: Record<string, Channel> = {
  main: {
    address: '/ws/',
    hears:
      'Everything on one connection: personal, role and everyone records, and what is subscribed to. What our SDK uses.',
  },
  notifications: { address: '/ws/notifications/', hears: 'The same, for clients made for notifications.' },
  tasks: { address: '/ws/tasks/', hears: 'Personal records, and the tasks that are subscribed to.' },
  project: { address: '/ws/projects/{id}/', hears: `The room \`project:{id}\`. ${ofRoom}`, parameters: room },
  collaboration: {
    address: '/ws/collaboration/{id}/',
    hears: `With the subprotocol \`tidings.v1\`, the room \`collaboration:{id}\`. ${ofRoom} Else its shared document, to providers of Yjs, in binary messages of y-protocols 1; with \`?json=1\` both.`,
    parameters: room,
  },
  room: {
    address: '/ws/rooms/{kind}/{id}/',
    hears: `The room \`{kind}:{id}\`. ${ofRoom}`,
    parameters: { kind: 'The kind of the room', ...room },
  },
  health: {
    address: '/ws/system-health/',
    hears:
      'How every component of every node is: now, at each change, and every few seconds. For the admin role; others are refused with 403, or closed with 4403.',
    only: {
      actions: ['ping', 'authenticate'],
      frames: ['frame.connection_established', 'frame.system_health', 'frame.error'],
    },
  },
};

/** Describes the sockets (AsyncAPI 3.0) from the schemas that validate actions and type frames, wherever they are reached. */
export function asyncApiDocument(version: string): JsonSchema {
  const definitions = new Definitions();
  const messages = socketMessages(definitions);
  const names = Object.keys(messages);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Tidings', version, description: about, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, one]) => [name, channel(one, names, definitions)]),
    ),
    operations: operations(names.filter((name) => name.startsWith('frame.'))),
    components: { schemas: definitions.schemas, messages, securitySchemes: socketSecurity },
    'x-error-codes': errorGuide,
    'x-close-codes': closeGuide,
  };
}

/**
 * The same document, with the address by which its reader reaches this server.
 * @param server as `https://host:8000/below`, without a slash at its end
 */
export function socketsAt(server: string, document: JsonSchema): JsonSchema {
  const { protocol, host, pathname } = new URL(server);
  const here = {
    ...{ host, protocol: protocol === 'https:' ? 'wss' : 'ws', ...(pathname === '/' ? {} : { pathname }) },
    description: 'This server. Pages of other origins need auth.allowedOrigins (--allowed-origins).',
    security: Object.keys(socketSecurity).map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
  };
  const externalDocs = { url: `${server}/docs` };
  return { ...document, info: { ...(document.info as object), externalDocs }, servers: { here } };
}

function channel(
  { address, hears, parameters, only }: Channel,
  all: readonly string[],
  definitions: Definitions,
): JsonSchema {
  const messages = only
    ? [...only.frames, ...only.actions.flatMap((name) => [`action.${name}`, `reply.${name}`])]
    : all;
  const described = Object.entries(parameters ?? {}).map(([name, description]) => [name, { description }]);
  return {
    address,
    description: hears,
    ...(described.length > 0 ? { parameters: Object.fromEntries(described) } : {}),
    servers: [{ $ref: '#/servers/here' }],
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { ws: { method: 'GET', query: definitions.of(SocketQuery), bindingVersion: '0.1.0' } },
    'x-close-codes': closeGuide.map(({ code }) => code),
  };
}

const onChannel = (name: string) => ({ $ref: `#/channels/${name}` });
const messageOn = (channelName: string, name: string) => ({ $ref: `#/channels/${channelName}/messages/${name}` });

/** Each action with its reply on the main channel; the others speak the same, and say so with one operation each way. */
function operations(frames: readonly string[]): JsonSchema {
  const whole = Object.entries(channels).flatMap(([name, { only }]) => [
    ...(name === 'main' ? [] : [[`${name}.actions`, receive(name, only?.actions ?? actionNames)] as const]),
    [
      `${name}.frames`,
      {
        ...{ action: 'send', channel: onChannel(name), title: 'Frames of the server' },
        messages: (only?.frames ?? frames).map((frame) => messageOn(name, frame)),
      },
    ] as const,
  ]);
  const each = actionNames.map((name) => [`main.${name}`, receive('main', [name])] as const);
  return Object.fromEntries([...each, ...whole]);
}

function receive(channelName: string, names: readonly ActionName[]): JsonSchema {
  const [only] = names as [ActionName];
  return {
    ...{ action: 'receive', channel: onChannel(channelName) },
    ...(names.length === 1 ? { title: only, summary: actionExamples[only].summary } : { title: 'Actions of clients' }),
    messages: names.map((name) => messageOn(channelName, `action.${name}`)),
    reply: {
      channel: onChannel(channelName),
      messages: [
        ...names.map((name) => messageOn(channelName, `reply.${name}`)),
        messageOn(channelName, 'frame.error'),
      ],
    },
  };
}
