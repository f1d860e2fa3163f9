import { deepStrictEqual } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documented, installed } from '../../e2e/src/documents.ts';
import { ServerProcess } from '../../e2e/src/server-process.ts';
import { until } from '../../e2e/src/until.ts';
import { Editor } from '../../packages/server/testing/editors.ts';
import { token } from '../../packages/server/testing/tokens.ts';
import { python } from './other-tools.ts';
import { run } from './run.ts';

const [page, heading] = ['shared-documents.md', 'From Python'];

const main = `
import sys

def change(doc):
    text = doc.get("t", type=Text)
    text += " and Python 🐍"
    doc.get("m", type=Map)["python"] = [1, None, {"a": "b"}]
    del text[0:5]

doc = asyncio.run(edit(sys.argv[1], sys.argv[2], change))
print(json.dumps({"text": str(doc.get("t", type=Text)), "map": doc.get("m", type=Map).to_py()}))
`;

/** Editors in other languages. */
export const documentTrials = {
  /** The program that docs/shared-documents.md shows, beside a provider of y-websocket. */
  async pycrdt(folder: string): Promise<void> {
    const file = await python(folder, installed(page, heading, 'pip install'));
    await writeFile(join(folder, 'main.py'), documented(page, heading, 'python') + main);
    const server = await ServerProcess.start();
    const editor = new Editor(server, 'notes', 'ann');
    try {
      await until('the provider', () => editor.provider.synced);
      editor.type('From JavaScript 🦉');
      editor.doc.getMap('m').set('javascript', { n: 1.5 });
      const url = `${server.url.replace('http', 'ws')}/ws/collaboration/notes`;
      const jwt = token({ sub: 'bob', grants: ['collaboration:notes:rw'] });
      const said = JSON.parse(await run({ file, args: ['main.py', url, jwt], cwd: folder })) as unknown;
      const expected = {
        text: 'JavaScript 🦉 and Python 🐍',
        map: { javascript: { n: 1.5 }, python: [1, null, { a: 'b' }] },
      };
      deepStrictEqual(said, expected);
      // It has ended when its changes are stored.
      await server.kill();
      await server.start();
      const later = new Editor(server, 'notes', 'cyd');
      await until('a later editor', () => later.text !== '');
      deepStrictEqual({ text: later.text, map: later.doc.getMap('m').toJSON() }, expected);
      later.destroy();
    } finally {
      editor.destroy();
      await server.end();
    }
  },
};
