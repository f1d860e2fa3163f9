import { hash } from 'node:crypto';
import {
  type RoomState,
  type RoomStateEntry,
  type RoomStateInput,
  type RoomStateRemovalInput,
  type RoomStateRemoved,
  type RoomStateSet,
  TidingsError,
} from '@tidings/protocol';
import { RoomStateKey, RoomStateRemoval, RoomStateInput as StateSchema } from '@tidings/protocol/schemas';
import { checkDataSize } from '../domain/data-size.ts';
import type { Identity } from '../domain/identity.ts';
import { retractedRecord } from '../domain/room-events.ts';
import { roomStateId, roomStateRecord } from '../domain/room-state.ts';
import { type Room, roomName, roomTopic } from '../domain/rooms.ts';
import { sorted } from '../domain/sorted-json.ts';
import type { StoredRecord } from '../domain/store/records.ts';
import type { PutWrite } from '../domain/writes.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { parser } from './refuse.ts';
import { requireRight, scopeOf, shownSender, viewOf } from './room-access.ts';

const parseKey = parser<string>(RoomStateKey, 'the key of a state');
const parseInput = parser<RoomStateInput>(StateSchema, 'a value of a state');
const parseRemoval = parser<RoomStateRemovalInput>(RoomStateRemoval, 'the removal of a key');

/** The largest value of a key, bytes of its JSON. */
const valueBytes = 4_000;
/** A state costs its reader so many units of work: it is read whole. */
const workOfState = 10;

/** A key of a room, and who wants it changed. */
interface Target {
  room: Room;
  key: string;
  sender: BackEnd | Identity;
}

/** The record of a key: `entry` where it has a value, `gone` where that was removed; both null for a key that never had one. */
interface Found {
  entry: StoredRecord | null;
  gone: StoredRecord | null;
}

/** Sets the value of a key. Throws TidingsError: `conflict` where the key is not at `if_rev`. */
export async function setRoomState(context: CommandContext, target: Target, input: unknown): Promise<RoomStateSet> {
  const { value, ttl_ms, if_rev, idempotency_key } = parseInput(input);
  checkDataSize(value, { name: 'value', atMost: valueBytes });
  const { room, key, sender } = target;
  const from = shownSender(sender);
  const once = idempotency_key === undefined ? null : onceOf(target, idempotency_key, [value, ttl_ms, if_rev]);
  const atMost = context.stateKeysPerRoom;
  for (let found = await find(context, target); ; ) {
    const at = context.clock.now();
    const expiresAt = ttl_ms === undefined ? null : at + ttl_ms;
    const expect = if_rev === 0 ? (found.gone?.rev ?? null) : if_rev;
    const entry = { room: roomName(room), key, value, from, expiresAt };
    const keys = { atMost, knownRev: found.entry?.rev ?? null };
    const [outcome] = await context.store.commit([roomStateRecord(entry, at, { expect, once, keys })]);
    if (outcome?.status === 'stored') return { rev: outcome.rev };
    if (outcome?.status === 'duplicate') return { rev: outcome.rev, duplicate: true };
    if (outcome?.status === 'full') throw tooManyKeys(room, atMost);
    if (outcome?.status !== 'stale') throw mismatch();
    found = await find(context, target);
    // It may have been removed meanwhile, and then is as expected.
    if (if_rev !== 0 || found.entry !== null) throw conflict(target, found.entry, if_rev ?? 0);
  }
}

/**
 * Removes a key; nothing changes if it has no value. Repeated with the same idempotency key it answers as it did when it removed the value,
 * whatever the key is at since. Throws TidingsError: `conflict` where the key is not at `if_rev`.
 */
export async function removeRoomState(
  context: CommandContext,
  target: Target,
  input: unknown,
): Promise<RoomStateRemoved> {
  const { if_rev, idempotency_key } = parseRemoval(input);
  const once = idempotency_key === undefined ? null : onceOf(target, idempotency_key, ['removed', if_rev]);
  for (;;) {
    const { entry } = await find(context, target);
    const isExpected = if_rev === undefined || if_rev === (entry?.rev ?? 0);
    const removal = entry !== null && isExpected ? retractedRecord(entry, context.clock.now()) : null;
    const write = removal ?? (once && keyLookup(target, context.clock.now()));
    const [outcome] = write ? await context.store.commit([{ ...write, key: once }]) : [];
    if (outcome?.status === 'stored') return { removed: true };
    if (outcome?.status === 'duplicate') return { removed: true, duplicate: true };
    if (outcome?.status === 'mismatch') throw mismatch();
    // Otherwise it has changed since it was found.
    if (removal === null) {
      if (isExpected) return { removed: false };
      throw conflict(target, entry, if_rev);
    }
  }
}

/** A write that is never stored, since no record has this rev: its outcome says if its idempotency key was used. */
const keyLookup = ({ room, key }: Target, at: number): PutWrite =>
  retractedRecord({ id: roomStateId(roomName(room), key), topics: [roomTopic(roomName(room))], rev: -1 }, at);

/** The whole state of a room, in the order of its keys: for a back end (null), or for a person who may follow it. */
export async function readRoomState(context: CommandContext, reader: Identity | null, room: Room): Promise<RoomState> {
  if (reader) context.limits.work(reader.id, workOfState);
  const entries = await context.store.roomState(await viewOf(context, reader, room));
  const items = entries.map(({ body, rev }) => itemOf(JSON.parse(body), rev));
  return { items: items.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

function itemOf({ id: _id, type: _type, data: _data, ...entry }: Record<string, unknown>, rev: number): RoomStateEntry {
  return { ...entry, rev } as RoomStateEntry;
}

/** Finds the record of a key, for a sender who may write there. Throws TidingsError as `requireRight`. */
async function find(context: CommandContext, { room, key, sender }: Target): Promise<Found> {
  if ('id' in sender) await requireRight(context, sender, 'write', room);
  const record = await context.store.record(roomStateId(roomName(room), parseKey(key)));
  return record?.kind === 'room_state' ? { entry: record, gone: null } : { entry: null, gone: record };
}

const tooManyKeys = (room: Room, most: number): TidingsError =>
  new TidingsError(
    'payload_too_large',
    `room ${JSON.stringify(roomName(room))} has ${most} keys, as many as a room may have; remove one first`,
  );

const mismatch = (): TidingsError =>
  new TidingsError(
    'idempotency_mismatch',
    'this idempotency key was used for another change of a state already; use a new key',
  );

function conflict({ key }: Target, entry: StoredRecord | null, ifRev: number): TidingsError {
  const actual = entry === null ? 'has no value' : `is at rev ${entry.rev}`;
  const expected = ifRev === 0 ? '0, for a key without a value' : ifRev;
  return new TidingsError(
    'conflict',
    `key ${JSON.stringify(key)} ${actual}, and "if_rev" is ${expected}; read the key again, and decide anew`,
  );
}

/** The idempotency key of a sender, with a fingerprint of what it is for. */
function onceOf({ room, key, sender }: Target, idempotencyKey: string, content: unknown[]): PutWrite['key'] {
  const fingerprint = JSON.stringify(sorted([roomName(room), key, ...content.map((one) => one ?? null)]));
  return { key: `${scopeOf(sender)}\nroom state\n${idempotencyKey}`, hash: hash('sha1', fingerprint, 'base64') };
}
