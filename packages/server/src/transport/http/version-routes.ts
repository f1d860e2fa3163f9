import {
  DocumentDeleted,
  DocumentPage,
  DocumentRestored,
  DocumentVersion,
  DocumentVersionChange,
  DocumentVersionContent,
  DocumentVersionInput,
  DocumentVersionPage,
  DocumentVersionRemoved,
  IdString,
} from '@tidings/protocol/schemas';
import Type from 'typebox';
import type { BackEnd, CommandContext } from '../../commands/context.ts';
import type { DocumentTarget } from '../../commands/document-events.ts';
import {
  deleteDocument,
  listDocuments,
  listDocumentVersions,
  readDocumentVersion,
  removeDocumentVersion,
  renameDocumentVersion,
  restoreDocumentVersion,
  saveDocumentVersion,
} from '../../commands/document-versions.ts';
import { readRoom } from '../../commands/room-access.ts';
import type { Identity } from '../../domain/identity.ts';
import { rightsUnknown } from '../../domain/rooms.ts';
import * as examples from './documents/examples/answers.ts';
import { answer, commandBody } from './endpoint.ts';
import { idempotencyHeader, paging, type QueryNames, withKey } from './parameters.ts';
import type { Routes } from './routes.ts';

const group = 'Shared documents';
const named = {
  kind: Type.String({
    ...IdString,
    description: 'The kind of room, which is `collaboration`',
    examples: ['collaboration'],
  }),
  id: Type.String({ ...IdString, description: 'The room', examples: ['notes-12'] }),
};
const params = Type.Object(named, { queryNames: { id: 'room_id' } satisfies QueryNames });
const ofVersion = Type.Object(
  {
    ...named,
    version: Type.String({ ...IdString, description: 'The version', examples: [examples.documentVersion.id] }),
  },
  { queryNames: { id: 'room_id' } satisfies QueryNames },
);
const bad_request = 'a room with a document is named as "collaboration:notes"; got "project:12"';
const noRoom = 'there is no room "collaboration:notes-13", or it is not yours';
const noVersion = 'there is no version "v0nb8k2m0", or it is not yours';
const forbidden = 'you may read in this room, and not change what is in it: that takes the right rw';
const unavailable = rightsUnknown().message;
const payload_too_large =
  'the document has 200 versions with 41000000 bytes, and may have 200 with 67108864; this one has 205000: delete some first';

interface Given {
  caller: BackEnd | Identity;
  params: { kind: string; id: string };
}
const targetOf = ({ caller, params: { kind, id } }: Given): DocumentTarget => ({
  ...{ caller, room: readRoom(`${kind}:${id}`) },
});

/** The routes of shared documents: their versions, and their end. */
export function versionRoutes(routes: Routes, context: CommandContext): void {
  readingRoutes(routes, context);
  changingRoutes(routes, context);
  const who = 'back_end';
  routes.add({
    call: 'GET /api/v1/documents',
    ...{ id: 'listDocuments', group, summary: 'List the shared documents', who },
    description: "Those that somebody has changed, in the order of their rooms' names.",
    query: Type.Object({
      after: Type.Optional(Type.String({ ...IdString, description: 'The `next_after` of the page before' })),
      limit: paging.limit,
    }),
    answers: { 200: answer(DocumentPage, 'A page', { page: examples.documentPage }) },
    errors: { bad_request },
    store: 'reads',
    handle: ({ query: { after = '', limit = 20 } }) => listDocuments(context, { after, limit }),
  });
  routes.add({
    call: 'DELETE /api/v1/rooms/{kind}/{id}/document',
    ...{ id: 'deleteDocument', group, summary: 'Delete a shared document with its versions', who, params },
    description:
      'Its editors are closed with 4410, on all servers, and stay away. One that comes back with what it still has is refused with 4410, so nothing of it returns. Whoever opens the room with a new `Y.Doc` begins with an empty document.',
    answers: { 200: answer(DocumentDeleted, 'It is gone', { deleted: { deleted: true } }) },
    errors: { bad_request, unavailable: 'the document changes too fast for this now; try again' },
    store: 'writes',
    handle: ({ caller, params: { kind, id } }) => deleteDocument(context, { caller, room: readRoom(`${kind}:${id}`) }),
  });
}

function readingRoutes(routes: Routes, context: CommandContext): void {
  const who = 'either';
  const errors = { bad_request, unavailable };
  routes.add({
    call: 'GET /api/v1/rooms/{kind}/{id}/document/versions',
    ...{ id: 'listDocumentVersions', group, summary: 'List the versions of a document, newest first', who, params },
    description: 'By back ends, and by users who may follow the room.',
    query: Type.Object({
      before: Type.Optional(Type.String({ ...IdString, description: 'The `next_before` of the page before' })),
      limit: paging.limit,
    }),
    answers: { 200: answer(DocumentVersionPage, 'A page', { page: examples.documentVersionPage }) },
    errors: { ...errors, not_found: noRoom },
    store: 'reads',
    handle: ({ query: { before = null, limit = 20 }, ...given }) =>
      listDocumentVersions(context, targetOf(given), { before, limit }),
  });
  routes.add({
    call: 'GET /api/v1/rooms/{kind}/{id}/document/versions/{version}',
    ...{ id: 'readDocumentVersion', group, summary: 'Read a version, to show it', who, params: ofVersion },
    description: 'By back ends, and by users who may follow the room. The document is left as it is.',
    query: Type.Object({
      as: Type.Optional(
        Type.Union([Type.Literal('json'), Type.Literal('update')], {
          default: 'json',
          description: '`json`: its types as JSON, in `content`. `update`: for an editor, in `update`',
        }),
      ),
    }),
    answers: {
      200: answer(DocumentVersionContent, 'The version', {
        json: examples.documentVersionContent,
        update: { ...examples.documentVersion, update: 'AAA=' },
      }),
    },
    errors: {
      ...{ ...errors, not_found: noVersion },
      payload_too_large: 'the content is too large as JSON; read it with "as=update"',
    },
    store: 'reads',
    handle: ({ query: { as = 'json' }, ...given }) =>
      readDocumentVersion(context, targetOf(given), { id: given.params.version, as }),
  });
}

function changingRoutes(routes: Routes, context: CommandContext): void {
  const who = 'either';
  const errors = { bad_request, unavailable, forbidden };
  routes.add({
    call: 'POST /api/v1/rooms/{kind}/{id}/document/versions',
    ...{ id: 'saveDocumentVersion', group, summary: 'Make a version of a document', who, params },
    description: 'Of the document as it is on all servers. By back ends, and by users with the right `rw`.',
    status: 201,
    headers: idempotencyHeader,
    body: commandBody(DocumentVersionInput, { named: { name: 'As sent to the customer' } }),
    answers: { 201: answer(DocumentVersion, 'It is stored', { version: examples.documentVersion }) },
    errors: {
      ...{ ...errors, not_found: noRoom, payload_too_large },
      idempotency_mismatch: 'this idempotency key was used for another version already; use a new key',
    },
    store: 'writes',
    handle: ({ body, request, ...given }) => saveDocumentVersion(context, targetOf(given), withKey(body, request)),
  });
  routes.add({
    call: 'PATCH /api/v1/rooms/{kind}/{id}/document/versions/{version}',
    ...{ id: 'renameDocumentVersion', group, summary: 'Give a version another name', who, params: ofVersion },
    description: 'By back ends, and by users with the right `rw`. One that the server has made is a named one then.',
    body: commandBody(DocumentVersionChange, { name: { name: 'As signed' } }),
    answers: { 200: answer(DocumentVersion, 'The version', { version: examples.documentVersion }) },
    errors: { ...errors, not_found: noVersion },
    store: 'writes',
    handle: ({ body, ...given }) => renameDocumentVersion(context, targetOf(given), given.params.version, body),
  });
  routes.add({
    call: 'DELETE /api/v1/rooms/{kind}/{id}/document/versions/{version}',
    ...{ id: 'removeDocumentVersion', group, summary: 'Delete a version', who, params: ofVersion },
    description: 'By back ends, and by users with the right `rw`. Again it changes nothing.',
    answers: { 200: answer(DocumentVersionRemoved, 'It is gone', { removed: { removed: true } }) },
    errors: { ...errors, not_found: noRoom },
    store: 'writes',
    handle: (given) => removeDocumentVersion(context, targetOf(given), given.params.version),
  });
  routes.add({
    call: 'POST /api/v1/rooms/{kind}/{id}/document/versions/{version}/restore',
    ...{ id: 'restoreDocumentVersion', group, summary: 'Bring a version back', who, params: ofVersion },
    description:
      'By back ends, and by users with the right `rw`. It is a new change of the document, which all editors are sent. What the document was before is saved as a version, in the same transaction.',
    answers: { 200: answer(DocumentRestored, 'It has that content', { restored: examples.documentRestored }) },
    errors: { ...errors, not_found: noVersion, payload_too_large },
    store: 'writes',
    handle: (given) => restoreDocumentVersion(context, targetOf(given), given.params.version),
  });
}
