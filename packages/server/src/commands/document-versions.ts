import {
  type DocumentDeleted,
  type DocumentRestored,
  type DocumentVersion,
  type DocumentVersionContent,
  type DocumentVersionPage,
  type DocumentVersionRemoved,
  TidingsError,
} from '@tidings/protocol';
import { DocumentVersionChange, DocumentVersionInput } from '@tidings/protocol/schemas';
import { documentName } from '../domain/document-name.ts';
import type { Identity } from '../domain/identity.ts';
import { type Room, type RoomAction, roomName } from '../domain/rooms.ts';
import type { DocumentVersionRow } from '../domain/store/document-versions.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { notFound, parser } from './refuse.ts';
import { requireRight, scopeOf, shownSender } from './room-access.ts';

const parseInput = parser<{ name: string; idempotency_key?: string }>(DocumentVersionInput, 'a version');
const parseChange = parser<{ name: string }>(DocumentVersionChange, 'a change of a version');

/** The units of work of a user that it takes to go through a document, to read a version, and to list some. */
const work = { document: 50, read: 20, list: 2 };
/** The bytes of a document that are one unit more. */
const unitBytes = 16_384;

/** A document, and who wants something of it. */
export interface DocumentTarget {
  room: Room;
  caller: BackEnd | Identity;
}

/** Makes a version of the document as it is. Throws TidingsError. */
export async function saveDocumentVersion(
  context: CommandContext,
  target: DocumentTarget,
  input: unknown,
): Promise<DocumentVersion> {
  const { name, idempotency_key } = parseInput(input);
  checkName(context, name);
  const document = await authorizedName(context, target, 'write', work.document);
  const once = idempotency_key === undefined ? null : `${scopeOf(target.caller)}\n${idempotency_key}`;
  const version = await context.documents.save(document, { name, from: shownSender(target.caller), once });
  workDone(context, target, version.bytes);
  if (version.name === name) return shown(version);
  throw new TidingsError(
    'idempotency_mismatch',
    'this idempotency key was used for another version already; use a new key',
  );
}

/** Lists the versions of a document, newest first. Throws TidingsError. */
export async function listDocumentVersions(
  context: CommandContext,
  target: DocumentTarget,
  { before, limit }: { before: string | null; limit: number },
): Promise<DocumentVersionPage> {
  const document = await authorizedName(context, target, 'read', work.list);
  const rows = await context.store.documentVersions(document, { before, limit: limit + 1 });
  const items = rows.slice(0, limit).map(shown);
  return { items, next_before: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Reads a version, with its content in the form that is asked for. Throws TidingsError. */
export async function readDocumentVersion(
  context: CommandContext,
  target: DocumentTarget,
  { id, as }: { id: string; as: 'json' | 'update' },
): Promise<DocumentVersionContent> {
  const document = await authorizedName(context, target, 'read', work.read);
  await countVersion(context, target, document, id);
  const version = await context.store.documentVersion(document, id);
  if (version === null) throw notFound('version', id);
  const { state } = version;
  if (as === 'json') return { ...shown(version), content: await context.documents.contentOf(document, state) };
  return { ...shown(version), update: Buffer.from(state).toString('base64') };
}

/** Gives a version another name, which makes it a named one. Throws TidingsError. */
export async function renameDocumentVersion(
  context: CommandContext,
  target: DocumentTarget,
  id: string,
  input: unknown,
): Promise<DocumentVersion> {
  const { name } = parseChange(input);
  checkName(context, name);
  const document = await authorizedName(context, target, 'write', work.list);
  if (!(await context.documents.rename(document, id, name))) throw notFound('version', id);
  const version = await context.store.documentVersionRow(document, id);
  if (version === null) throw notFound('version', id);
  return shown(version);
}

/** Deletes a version. Again, it changes nothing. Throws TidingsError. */
export async function removeDocumentVersion(
  context: CommandContext,
  target: DocumentTarget,
  id: string,
): Promise<DocumentVersionRemoved> {
  const document = await authorizedName(context, target, 'write', work.list);
  return { removed: await context.documents.removeVersion(document, id) };
}

/** Changes the document so that its content is that of a version. Throws TidingsError. */
export async function restoreDocumentVersion(
  context: CommandContext,
  target: DocumentTarget,
  id: string,
): Promise<DocumentRestored> {
  const document = await authorizedName(context, target, 'write', work.document);
  await countVersion(context, target, document, id);
  const { changed, saved } = await context.documents.restore(document, id, shownSender(target.caller));
  workDone(context, target, saved?.bytes ?? 0);
  return { changed, saved: saved && shown(saved) };
}

/** Deletes a document with its versions, for a back end. Throws TidingsError. */
export async function deleteDocument(context: CommandContext, room: Room): Promise<DocumentDeleted> {
  return { deleted: await context.documents.remove(documentName(roomName(room))) };
}

/** The name of a document, for a caller who has the right. Throws as `requireRight`, and `bad_request` for a room that has no document. */
async function authorizedName(
  context: CommandContext,
  { room, caller }: DocumentTarget,
  action: RoomAction,
  units: number,
): Promise<string> {
  if ('id' in caller) {
    await requireRight(context, caller, action, room);
    context.limits.work(caller.id, units);
  }
  return documentName(roomName(room));
}

/** Counts the work that a version is, before it is in memory: a user may ask for many at once. Throws `not_found`, `too_many`. */
async function countVersion(
  context: CommandContext,
  target: DocumentTarget,
  document: string,
  id: string,
): Promise<void> {
  const row = await context.store.documentVersionRow(document, id);
  if (row === null) throw notFound('version', id);
  if ('id' in target.caller) context.limits.work(target.caller.id, Math.floor(row.bytes / unitBytes));
}

function workDone({ limits }: CommandContext, { caller }: DocumentTarget, bytes: number): void {
  if ('id' in caller) limits.workDone(caller.id, Math.floor(bytes / unitBytes));
}

function checkName({ versionNameLength }: CommandContext, name: string): void {
  const { length } = [...name];
  if (length <= versionNameLength) return;
  const message = `the name of a version has ${length} characters, and may have ${versionNameLength}`;
  throw new TidingsError('bad_request', message);
}

const shown = ({ id, kind, name, at, from, bytes }: DocumentVersionRow): DocumentVersion => ({
  ...{ id, kind, name, timestamp: new Date(at).toISOString(), from, bytes },
});
