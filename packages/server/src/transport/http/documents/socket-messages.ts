import type { ActionName, FrameName } from '@tidings/protocol';
import { actionSchemas, EventType, frameSchemas, InboxItem, replySchemas } from '@tidings/protocol/schemas';
import Type, { type TSchema } from 'typebox';
import type { Definitions, JsonSchema } from './definitions.ts';
import { actionExamples } from './examples/actions.ts';
import { eventExample, frameExamples, frameGuide, truncatedExample } from './examples/frames.ts';

/** An event of the application's own: what was sent in `data`, at the top level as well as under `data`. */
const ApplicationEvent = Type.Object(
  {
    ...InboxItem.properties,
    type: Type.Unsafe<string>({ ...EventType, not: { enum: Object.keys(frameSchemas) } }),
  },
  {
    additionalProperties: true,
    description: 'Members of `data` stand at the top level too; names of the envelope win',
  },
);

/** The rest of a frame that is larger than the client takes: enough to count it, and to read it elsewhere. */
const Truncated = Type.Object(
  {
    type: Type.String({ description: 'The type of the whole frame' }),
    truncated: Type.Literal(true),
    url: Type.String({ description: 'The path where the whole of it is read, by the same user' }),
  },
  { additionalProperties: true, description: 'Of its other members those that are short; `data` is empty' },
);

export const actionNames = Object.keys(actionSchemas) as ActionName[];

/** Every message of sockets, by its name in the document: `action.…`, `reply.…` and `frame.…`. */
export function socketMessages(definitions: Definitions): Record<string, JsonSchema> {
  const message = (
    name: string,
    title: string,
    said: { group: string; summary: string },
    schema: TSchema,
    example: object,
  ) => [
    name,
    {
      ...{ name: title, title, summary: said.summary, tags: [{ name: said.group }] },
      payload: definitions.of(schema),
      examples: [{ name: 'example', payload: example }],
      ...(name.startsWith('frame.') ? {} : byRef),
    },
  ];
  const exchanges = actionNames.flatMap((name) => {
    const { group, summary, action, reply } = actionExamples[name];
    const answer = { group, summary: `The answer to ${name}` };
    return [
      message(`action.${name}`, name, { group, summary }, actionSchemas[name], action),
      message(`reply.${name}`, 'reply', answer, replySchemas[name], reply),
    ];
  });
  const frames = Object.entries(frameGuide).flatMap(([group, summaries]) =>
    (Object.entries(summaries) as [FrameName, string][])
      // Replies are described one by one, with their actions.
      .filter(([name]) => name !== 'reply')
      .map(([name, summary]) =>
        message(`frame.${name}`, name, { group, summary }, frameSchemas[name], frameExamples[name]),
      ),
  );
  const event = { group: 'Notifications', summary: 'An event of the application’s own, whatever its type' };
  const events = message('frame.application_event', 'application_event', event, ApplicationEvent, eventExample);
  const small = { group: 'Connection', summary: 'What is left of any frame that is larger than the client takes' };
  const truncated = message('frame.truncated', 'truncated', small, Truncated, truncatedExample);
  return Object.fromEntries([...exchanges, ...frames, events, truncated]);
}

const byRef = {
  correlationId: { location: '$message.payload#/ref', description: 'Names the action that is answered' },
};
