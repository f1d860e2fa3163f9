import type { PresenceStore, StoredPresence } from '../domain/store/presence.ts';
import type { SqlEngine } from './engine.ts';
import { type SqlDatabase, type Step, step } from './steps.ts';

/** Sessions in rooms, and the leases of the nodes that have them. */
export const presenceStore = (engine: SqlEngine, database: SqlDatabase): PresenceStore => ({
  sharesPresence: engine.isShared,

  async writePresence(node, leaseMs, { number, after, put, removed, upTo, closed }) {
    const own = { node, number };
    const until = (await database.now()) + leaseMs;
    const steps: Step[] =
      after === null
        ? [step('setPresenceNode', { ...own, until }), step('forgetPresenceRooms', own), step('forgetPresence', own)]
        : [step('extendPresenceNode', { ...own, until, after })];
    const rows = (list: readonly unknown[]) => ({ ...own, rows: JSON.stringify(list) });
    if (put.length > 0) {
      steps.push(step('putPresence', rows(put.map(({ topic, key, session }) => [nameOf(topic), key, session]))));
    }
    if (removed.length > 0)
      steps.push(step('removePresence', rows(removed.map(({ topic, key }) => [nameOf(topic), key]))));
    if (upTo.length > 0) steps.push(step('setPresenceSeqs', rows(upTo.map(({ topic, seq }) => [nameOf(topic), seq]))));
    if (closed.length > 0) steps.push(step('closePresenceRooms', { ...own, topics: namesOf(closed) }));
    const [extended] = await engine.writeUnsynced(steps);
    return extended?.length === 1;
  },

  async presenceHeads(topics) {
    const now = await database.now();
    const { nodes, heads } = await database.read({
      nodes: step('livePresenceNodes', { now }),
      heads: step('presenceHeads', { topics: namesOf(topics), now }),
    });
    return {
      nodes: nodes.map(({ node }) => node),
      heads: heads.map((head) => ({ ...head, topic: topicOf(head.topic) })),
    };
  },

  async presence(topics) {
    const params = { topics: namesOf(topics), now: await database.now() };
    const { heads, sessions } = await database.read({
      heads: step('presenceHeads', params),
      sessions: step('presentSessions', params),
    });
    const found = new Map<string, StoredPresence & { sessions: { key: string; session: string }[] }>();
    const of = (node: string, topic: string) => {
      const name = JSON.stringify([node, topic]);
      const known = found.get(name) ?? { node, topic, seq: 0, sessions: [] };
      found.set(name, known);
      return known;
    };
    for (const { node, topic, seq } of heads) of(node, topicOf(topic)).seq = seq;
    for (const { node, topic, key, session } of sessions) of(node, topicOf(topic)).sessions.push({ key, session });
    return [...found.values()];
  },

  async removeLostNodes(agoMs) {
    const now = await database.now();
    await engine.writeUnsynced([
      step('removeLostNodes', { before: now - agoMs, now }),
      step('removeLostRooms'),
      step('removeLostSessions'),
    ]);
  },
});

/* A topic is kept as JSON, which escapes the characters that databases have difficulties with. */
const nameOf = (topic: string): string => JSON.stringify(topic);
const namesOf = (topics: readonly string[]): string => JSON.stringify(topics.map(nameOf));
const topicOf = (name: string): string => JSON.parse(name);
