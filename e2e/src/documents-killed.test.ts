import { expect, onTestFinished, test } from 'vitest';
import { Editor } from '../../packages/server/testing/editors.ts';
import { TestDatabase } from '../../packages/server/testing/postgres.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const databases: [string, () => Promise<string | undefined>][] = [
  ['SQLite', async () => undefined],
  [
    'PostgreSQL',
    async () => {
      const database = await TestDatabase.create();
      onTestFinished(() => database.drop());
      return database.url;
    },
  ],
];

test.each(databases)(
  'on %s, what one editor was sent of another is there after kill -9, without either of them',
  async (_name, databaseOf) => {
    const server = await ServerProcess.start(await databaseOf());
    onTestFinished(() => server.end());
    for (let round = 0; round < 5; round++) {
      const rooms = ['a', 'b'].map((name) => `${name}${round}`);
      const pairs = rooms.map((room) => {
        const [writer, reader] = [new Editor(server, room, 'ann'), new Editor(server, room, 'bob')];
        return { room, writer, reader };
      });
      await until('editors that are synced', () =>
        pairs.every(({ writer, reader }) => writer.provider.synced && reader.provider.synced),
      );
      let typed = 0;
      const typing = setInterval(() => {
        for (const { writer } of pairs) for (let n = 0; n < 3; n++) writer.type(`${typed++},`);
      }, 1);
      await until('text', () => pairs.every(({ reader }) => reader.text.length > 500 * (round + 1)));
      await server.kill();
      clearInterval(typing);
      const seen = pairs.map(({ reader }) => reader.text);
      // They would bring it back.
      for (const { writer, reader } of pairs) for (const editor of [writer, reader]) editor.destroy();
      await server.start();
      for (const [i, room] of rooms.entries()) {
        const later = new Editor(server, room, 'cyd');
        await until('a later editor', () => later.provider.synced);
        expect(later.text.startsWith(seen[i] as string)).toBe(true);
        later.destroy();
      }
    }
  },
  120_000,
);
