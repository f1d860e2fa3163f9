import Type, { type TSchema } from 'typebox';
import type * as documents from '../wire/documents.ts';
import { describe } from './describe.ts';
import { IdempotencyKey, storable } from './fields.ts';
import { RoomSender } from './rooms.ts';

const closed = { additionalProperties: false };
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const VersionName = Type.String({
  ...{ minLength: 1, maxLength: 200, pattern: storable },
  description: 'What people call it: 200 characters at most (`versionNameLength`)',
});

/** Body of `POST /api/v1/rooms/{kind}/{id}/document/versions`. */
export const DocumentVersionInput = Type.Object(
  {
    name: VersionName,
    idempotency_key: Type.Optional(describe(IdempotencyKey, 'Requests with the same idempotency key make one version')),
  },
  closed,
);

/** Body of `PATCH /api/v1/rooms/{kind}/{id}/document/versions/{version}`. */
export const DocumentVersionChange = Type.Object({ name: VersionName }, closed);

export const DocumentVersion = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('named'), Type.Literal('before_restore')], {
    description: '`before_restore` of one that the server made of what was there before a restore',
  }),
  name: Type.String(),
  timestamp: Type.String({ description: 'When it was made, ISO 8601, UTC' }),
  from: describe(RoomSender, 'Who made it; null for a back end'),
  bytes: Type.Integer({ minimum: 0, description: 'The size of the document as it was, with its history' }),
});
export type DocumentVersion = documents.DocumentVersion;

export const DocumentVersionPage = Type.Object({
  items: Type.Array(DocumentVersion, { description: 'Newest first' }),
  next_before: orNull(Type.String({ description: 'Give it as `before` for the next page; null: there is none' })),
});
export type DocumentVersionPage = documents.DocumentVersionPage;

export const DocumentVersionContent = Type.Object({
  ...DocumentVersion.properties,
  content: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description:
        'With `as=json`: by the names of the types at its top, a text as `{text, delta}`, a map as an object, an array as an array, XML as the array of its nodes. A type in which there is nothing is missing',
    }),
  ),
  update: Type.Optional(
    Type.String({ description: 'With `as=update`: the state as one update of Yjs (`Y.applyUpdate`), base64' }),
  ),
});
export type DocumentVersionContent = documents.DocumentVersionContent;

export const DocumentRestored = Type.Object({
  changed: Type.Boolean({ description: 'False if the document had that content' }),
  saved: orNull(describe(DocumentVersion, 'The version of what was before; null if nothing was changed')),
});
export type DocumentRestored = documents.DocumentRestored;

const ListedDocument = Type.Object({
  room: Type.String({ description: 'The name of its room, as collaboration:notes-12' }),
  versions: Type.Integer({ minimum: 0, description: 'The number of its versions' }),
});

export const DocumentPage = Type.Object({
  items: Type.Array(ListedDocument, { description: "In the order of their rooms' names" }),
  next_after: orNull(Type.String({ description: 'Give it as `after` for the next page; null: there is none' })),
});
export type DocumentPage = documents.DocumentPage;

export const DocumentDeleted = Type.Object({
  deleted: Type.Boolean({ description: 'False if there was nothing to delete' }),
});
export type DocumentDeleted = documents.DocumentDeleted;

export const DocumentVersionRemoved = Type.Object({
  removed: Type.Boolean({ description: 'False if there was none' }),
});
export type DocumentVersionRemoved = documents.DocumentVersionRemoved;
