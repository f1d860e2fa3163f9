import type { Limits, RoomOptions } from './config/options.ts';
import { DocumentFollowers } from './documents/document-followers.ts';
import { DocumentVersions } from './documents/document-versions.ts';
import { OpenDocuments } from './documents/open-documents.ts';
import type { Clock, Ephemeral, Store } from './domain/ports.ts';
import type { Hub } from './fanout/hub.ts';
import type { NodeUsers } from './presence/node-users.ts';
import { StoredPeers } from './presence/presence-peers.ts';
import { noPeers, PresenceService } from './presence/presence-service.ts';
import { applicationRights } from './rooms/authorize-url.ts';
import { RoomChannels } from './rooms/room-channels.ts';
import { RoomFollowers } from './rooms/room-followers.ts';
import { RoomRefusals } from './rooms/room-refusals.ts';
import { RoomRights } from './rooms/room-rights.ts';
import type { Registry } from './session/registry.ts';
import type { Counters } from './telemetry/counters.ts';
import type { Telemetry } from './telemetry/events.ts';

/** The parts of a server that its rooms stand on. */
interface RoomPartsGiven {
  node: string;
  store: Store;
  hub: Hub;
  registry: Registry;
  ephemeral: Ephemeral;
  /** The nodes that are known to live. */
  nodes: NodeUsers['nodes'];
  options: RoomOptions;
  clock: Clock;
  telemetry: Telemetry;
  counters: Counters;
  limits: Limits;
}

/** Rights in rooms and their end, what passes through rooms without being stored, presence, and shared documents. */
export function roomParts({ options, nodes, ...given }: RoomPartsGiven) {
  const { node, store, hub, registry, ephemeral, clock, telemetry, counters, limits } = given;
  const option = options.authorize ? 'rooms.authorize' : options.url ? 'rooms.url' : null;
  const roomRights = new RoomRights({
    ...{ store, clock, application: applicationRights(options, { clock, telemetry }) },
    refusals: new RoomRefusals({ telemetry, clock, option }),
  });
  const roomChannels = new RoomChannels(ephemeral);
  const presencePeers = store.sharesPresence
    ? new StoredPeers({
        ...{ store, ephemeral, nodes, clock, telemetry },
        handoverMs: Math.min(10_000, limits.presenceGraceMs + limits.restartSpreadMs),
      })
    : null;
  const presenceService = new PresenceService(
    presenceOptions(limits, { clock, counters }),
    presencePeers ?? noPeers(node),
  );
  const roomFollowers = new RoomFollowers(hub, registry, presenceService);
  const documents = new OpenDocuments({
    ...{ node, store, ephemeral, clock, telemetry, counters },
    limits: {
      ...{ documentBytes: limits.maxDocumentBytes, updateBytes: limits.maxDocumentUpdateBytes },
      open: limits.maxOpenDocuments,
    },
  });
  const documentVersions = new DocumentVersions({
    ...{ documents, store, clock, counters },
    limits: {
      ...{ count: limits.versionsPerDocument, bytes: limits.versionBytesPerDocument },
      ...{ nameLength: limits.versionNameLength, documentBytes: limits.maxDocumentBytes },
    },
  });
  const documentFollowers = new DocumentFollowers(hub);
  return {
    ...{ roomRights, roomChannels, presenceService, presencePeers, roomFollowers },
    ...{ documents, documentVersions, documentFollowers },
  };
}

/** The bounds of presence. A user may have four states of the largest size in a room, and any number of small ones. */
const presenceOptions = (limits: Limits, parts: { clock: Clock; counters: Counters }) => ({
  ...{ ...parts, conflateMs: 50, graceMs: limits.presenceGraceMs, maxMembers: limits.presenceMembers },
  userStateBytes: 4 * limits.presenceStateBytes,
});
