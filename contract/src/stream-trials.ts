import { deepStrictEqual } from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documented, installed } from '../../e2e/src/documents.ts';
import { ServerProcess } from '../../e2e/src/server-process.ts';
import { followerProcess, type Program } from '../../e2e/src/streams/follower.ts';
import {
  breaks,
  faultless,
  type Play,
  type StartFollower,
  silence,
  tryFollowers,
} from '../../e2e/src/streams/trial.ts';
import { python } from './other-tools.ts';
import { run } from './run.ts';

const page = 'event-streams.md';

/** A loop of Python, with the packages that are shown beside it. */
async function inPython(heading: string, folder: string): Promise<Program> {
  const file = await python(folder, installed(page, heading, 'pip install'));
  const main = `
import logging, sys

# aiohttp-sse-client2 logs each answer that is no stream.
logging.disable()

def hear(frame):
    print(json.dumps(frame), flush=True)

try:
    asyncio.run(follow(sys.argv[1], sys.argv[2], hear))
except PermissionError as error:
    hear({"type": "end", "error": str(error)})
`;
  await writeFile(join(folder, 'main.py'), documented(page, heading, 'python') + main);
  return { file, args: ['main.py'], cwd: folder };
}

/** A loop of Go, with the module that is shown beside it. */
async function inGo(heading: string, cwd: string): Promise<Program> {
  await mkdir(cwd, { recursive: true });
  const main = `
func main() {
	lines := json.NewEncoder(os.Stdout)
	err := follow(os.Args[1], os.Args[2], func(frame map[string]any) { lines.Encode(frame) })
	lines.Encode(map[string]any{"type": "end", "error": err.Error()})
}
`;
  const code = documented(page, heading, 'go').replace('"net/http"\n', '"net/http"\n\t"os"\n');
  await writeFile(join(cwd, 'main.go'), `package main\n\n${code}${main}`);
  await writeFile(join(cwd, 'go.mod'), 'module tidings.dev/stream\n\ngo 1.23\n');
  await run({ file: 'go', args: ['get', ...installed(page, heading, 'go get')], cwd });
  await run({ file: 'go', args: ['build', '-o', 'program', '.'], cwd });
  return { file: join(cwd, 'program'), args: [], cwd };
}

/** Clients of streams of events, with the loops that docs/event-streams.md shows. */
const programs: Record<string, (folder: string) => Promise<Program>> = {
  'httpx-sse': (folder) => inPython('httpx-sse (Python)', folder),
  'aiohttp-sse-client2': (folder) => inPython('aiohttp-sse-client2 (Python)', folder),
  'r3labs-sse': (folder) => inGo('r3labs/sse 2 (Go)', folder),
};

/** Each follows a server through breaks, and through silence. Throws with what went wrong. */
export const streamTrials = Object.fromEntries(
  Object.entries(programs).map(([name, make]) => [
    name,
    async (folder: string) => {
      const program = await make(folder);
      await Promise.all([breaks, silence].map((play) => follow(name, program, play)));
    },
  ]),
);

async function follow(name: string, program: Program, play: Play): Promise<void> {
  const start: StartFollower = (url, token) => followerProcess(program, url, token);
  const server = await ServerProcess.start();
  try {
    const { accepted, ...account } = (await tryFollowers(server, { [name]: start }, play))[name] ?? { accepted: 0 };
    deepStrictEqual(account, faultless);
    if (accepted < 60) throw new Error(`only ${accepted} records were sent`);
  } finally {
    await server.end();
  }
}
