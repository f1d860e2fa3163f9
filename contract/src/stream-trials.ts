import { deepStrictEqual } from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documented } from '../../e2e/src/documents.ts';
import { ServerProcess } from '../../e2e/src/server-process.ts';
import { followerProcess, type Program } from '../../e2e/src/streams/follower.ts';
import { type StartFollower, tryFollowers } from '../../e2e/src/streams/trial.ts';
import { goProgram, python } from './other-tools.ts';

const shown = (heading: string) => documented('event-streams.md', heading);

/** A loop of Python, with its packages. */
async function inPython(heading: string, packages: string[], folder: string): Promise<Program> {
  const file = await python(folder, packages);
  const main = `
import logging, sys

# aiohttp-sse-client2 logs each answer that is no stream.
logging.disable()
asyncio.run(follow(sys.argv[1], sys.argv[2], lambda frame: print(json.dumps(frame), flush=True)))
`;
  await writeFile(join(folder, 'main.py'), shown(heading) + main);
  return { file, args: ['main.py'], cwd: folder };
}

async function inGo(heading: string, folder: string): Promise<Program> {
  await mkdir(folder, { recursive: true });
  const main = `
func main() {
	lines := json.NewEncoder(os.Stdout)
	follow(os.Args[1], os.Args[2], func(frame map[string]any) { lines.Encode(frame) })
}
`;
  const code = shown(heading).replace('"encoding/json"\n', '"encoding/json"\n\t"os"\n');
  await writeFile(join(folder, 'main.go'), `package main\n\n${code}${main}`);
  await writeFile(join(folder, 'go.mod'), 'module tidings.dev/stream\n\ngo 1.23\n');
  return goProgram(folder);
}

/** Clients of streams of events, with the loops that docs/event-streams.md shows. */
const programs: Record<string, (folder: string) => Promise<Program>> = {
  'httpx-sse': (folder) => inPython('httpx-sse (Python)', ['httpx', 'httpx-sse'], folder),
  'aiohttp-sse-client2': (folder) =>
    inPython('aiohttp-sse-client2 (Python)', ['aiohttp', 'aiohttp-sse-client2'], folder),
  'r3labs-sse': (folder) => inGo('r3labs/sse 2 (Go)', folder),
};

/** Each follows a server through `kill -9`, a proxy that answers 502, and a restart. Throws with what went wrong. */
export const streamTrials = Object.fromEntries(
  Object.entries(programs).map(([name, make]) => [name, async (folder: string) => follow(name, await make(folder))]),
);

async function follow(name: string, program: Program): Promise<void> {
  const start: StartFollower = ({ url, token }, user) => followerProcess(program, url, token(user, []));
  const server = await ServerProcess.start();
  try {
    const { accepted, ...faults } = (await tryFollowers(server, { [name]: start }))[name] ?? { accepted: 0 };
    deepStrictEqual(faults, { lost: 0, twice: 0, outOfOrder: 0, notResumed: 0, problems: [] });
    if (accepted < 60) throw new Error(`only ${accepted} records were sent`);
  } finally {
    await server.end();
  }
}
