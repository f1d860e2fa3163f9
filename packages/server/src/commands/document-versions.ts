import {
  type DocumentDeleted,
  type DocumentPage,
  type DocumentRestored,
  type DocumentVersion,
  type DocumentVersionContent,
  type DocumentVersionPage,
  type DocumentVersionRemoved,
  TidingsError,
} from '@tidings/protocol';
import { DocumentVersionChange, DocumentVersionInput } from '@tidings/protocol/schemas';
import { documentName } from '../domain/document-name.ts';
import { type Room, type RoomAction, roomName } from '../domain/rooms.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { type DocumentTarget, sendDocumentEvent, shownVersion } from './document-events.ts';
import { notFound, parser } from './refuse.ts';
import { requireRight, scopeOf, shownSender } from './room-access.ts';

const parseInput = parser<{ name: string; idempotency_key?: string }>(DocumentVersionInput, 'a version');
const parseChange = parser<{ name: string }>(DocumentVersionChange, 'a change of a version');

/** The units of work of a user that it takes to go through a document, to read a version, and to list some. */
const work = { document: 50, read: 20, list: 2 };
/** The bytes of a document that are one unit more. */
const unitBytes = 16_384;

/** Lists the documents that somebody has changed, for a back end, in the order of their rooms' names. */
export async function listDocuments(
  { store }: CommandContext,
  { after, limit }: { after: string; limit: number },
): Promise<DocumentPage> {
  const rows = await store.documents(after, limit);
  const items = rows.map(({ document, versions }) => ({ room: document, versions }));
  return { items, next_after: rows.length < limit ? null : (items.at(-1)?.room ?? null) };
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
  // Also where the key was used before, in case that the server ended before the event.
  await sendDocumentEvent(context, target, 'document_version_saved', { version: shownVersion(version) }, version.id);
  if (version.name === name) return shownVersion(version);
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
  const items = rows.slice(0, limit).map(shownVersion);
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
  if (as === 'json') return { ...shownVersion(version), content: await context.documents.contentOf(document, state) };
  return { ...shownVersion(version), update: Buffer.from(state).toString('base64') };
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
  const row = await context.store.documentVersionRow(document, id);
  if (row === null) throw notFound('version', id);
  const version = shownVersion(row);
  await sendDocumentEvent(context, target, 'document_version_renamed', { version });
  return version;
}

/** Deletes a version. Again, it changes nothing. Throws TidingsError. */
export async function removeDocumentVersion(
  context: CommandContext,
  target: DocumentTarget,
  id: string,
): Promise<DocumentVersionRemoved> {
  const document = await authorizedName(context, target, 'write', work.list);
  const removed = await context.documents.removeVersion(document, id);
  if (removed) await sendDocumentEvent(context, target, 'document_version_removed', { id });
  return { removed };
}

/** Changes the document so that its content is that of a version. Throws TidingsError. */
export async function restoreDocumentVersion(
  context: CommandContext,
  target: DocumentTarget,
  id: string,
): Promise<DocumentRestored> {
  const document = await authorizedName(context, target, 'write', work.document);
  await countVersion(context, target, document, id);
  const restored = await context.documents.restore(document, id, shownSender(target.caller));
  workDone(context, target, restored?.saved.bytes ?? 0);
  if (restored === null) return { changed: false, saved: null };
  const [version, saved] = [shownVersion(restored.version), shownVersion(restored.saved)];
  const { removed } = restored;
  await sendDocumentEvent(context, target, 'document_restored', { version, saved, removed });
  return { changed: true, saved };
}

/** Deletes a document with its versions, for a back end. Throws TidingsError. */
export async function deleteDocument(
  context: CommandContext,
  target: { room: Room; caller: BackEnd },
): Promise<DocumentDeleted> {
  const deleted = await context.documents.remove(documentName(roomName(target.room)));
  if (deleted) await sendDocumentEvent(context, target, 'document_deleted', {});
  return { deleted };
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
