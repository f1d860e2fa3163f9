import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { deployments } from '../../testing/deployments.ts';
import { applyEdit, contentSeen, editBy } from '../../testing/document-edits.ts';
import { Editor } from '../../testing/editors.ts';
import type { RunningServer } from '../../testing/running-server.ts';

const people = 3;
const round = fc.record({
  edits: fc.array(editBy(people), { maxLength: 15 }),
  /** Edits that are made while a version is brought back. */
  meanwhile: fc.array(editBy(people), { maxLength: 4 }),
  /** True if another node brings back a version at the same moment. */
  isTwice: fc.boolean(),
  /** True if one editor is away meanwhile. */
  isAway: fc.boolean(),
  back: fc.nat(3),
});

let made = 0;

describe.each(deployments)('on $name', ({ name, start }) => {
  let nodes: readonly RunningServer[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ nodes, stop } = await start());
  });
  afterAll(() => stop());

  test('editors of all nodes converge while versions are brought back, and then have what the version has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 3 }), async (rounds) => {
        const room = `p${++made}`;
        const path = `/api/v1/rooms/collaboration/${room}/document/versions`;
        const call = async (n: number, method: string, more: string, body?: object) =>
          (await (nodes[n % nodes.length] as RunningServer).call(method, path + more, body)).body;
        const editors = Array.from({ length: people }, (_, n) => {
          const doc = new Y.Doc();
          doc.clientID = 2 ** 52 + n * 2 ** 33 + Math.floor(Math.random() * 2 ** 32);
          return new Editor(nodes[n % nodes.length] as RunningServer, room, `u${n}`, { doc });
        });
        const [first, second, third] = editors as [Editor, Editor, Editor];
        const edit = (edits: readonly (typeof rounds)[number]['edits'][number][]) => {
          for (const one of edits) applyEdit((editors[one.who] as Editor).doc, one);
        };
        const versions: { id: string; content: unknown }[] = [];
        try {
          await Promise.all(editors.map((editor) => editor.synced()));
          for (const { edits, meanwhile, isTwice, isAway, back } of rounds) {
            edit(edits);
            await settled(editors);
            const saved = await call(1, 'POST', '', { name: `of round ${versions.length}` });
            versions.push({ id: saved.id, content: contentSeen(first.doc) });
            const version = versions[back % versions.length] as (typeof versions)[number];
            if (isAway) third.provider.disconnect();
            const restoring = [0, ...(isTwice ? [1] : [])].map((n) => call(n, 'POST', `/${version.id}/restore`));
            edit(meanwhile);
            for (const outcome of await Promise.all(restoring)) expect(outcome).toHaveProperty('changed');
            third.provider.connect();
            await settled(editors);
            expect(await call(0, 'POST', `/${version.id}/restore`)).toHaveProperty('changed');
            await settled(editors);
            for (const { doc } of [first, second, third]) expect(contentSeen(doc)).toEqual(version.content);
          }
        } finally {
          for (const editor of editors) editor.destroy();
        }
      }),
      { numRuns: name === 'one node' ? 25 : 15 },
    );
  }, 200_000);
});

/** Resolves when the editors have the same content and state, and nothing is under way: what each has, a fresh reader gets too. */
async function settled(editors: readonly Editor[]): Promise<void> {
  const states = () =>
    editors.map(({ doc }) => {
      const clocks = [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b);
      return JSON.stringify([clocks, contentSeen(doc)]);
    });
  let before = '';
  await expect
    .poll(
      () => {
        const now = states();
        const isSame = editors.every(({ provider }) => provider.synced) && new Set(now).size === 1 && now[0] === before;
        before = now[0] as string;
        return isSame;
      },
      { timeout: 15_000, interval: 40 },
    )
    .toBe(true);
}
