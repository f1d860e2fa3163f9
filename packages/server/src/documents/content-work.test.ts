import { expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { ContentWork } from './content-work.ts';

/** A state that is too large to be gone through in this thread. */
const large = (text: string): Uint8Array => {
  const doc = new Y.Doc();
  doc.getText('t').insert(0, text.repeat(200_000 / text.length));
  return Y.encodeStateAsUpdate(doc);
};

function worker(): ContentWork {
  const work = new ContentWork();
  onTestFinished(() => work.close());
  return work;
}

const lengthOf = async (work: ContentWork, owner: string, state: Uint8Array): Promise<unknown> => {
  const content = await work.run(owner, { do: 'read', state });
  return (content as { t: { text: string } }).t.text.length;
};

test('large contents are gone through one after another, and those behind one that cannot be read too', async () => {
  const work = worker();
  const broken = large('bad ').subarray(0, 150_000);
  const outcomes = await Promise.allSettled([
    lengthOf(work, 'a', large('one ')),
    work.run('b', { do: 'read', state: broken }),
    lengthOf(work, 'c', large('three ')),
    lengthOf(work, 'a', large('two ')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});

test('what is under way when it is closed rejects', async () => {
  const work = worker();
  const reading = lengthOf(work, 'a', large('one '));
  await work.close();
  await expect(reading).rejects.toThrow(/content of documents ended/);
});
