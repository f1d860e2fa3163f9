import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, workspaceFolders } from './repository.js';

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

const server = 'packages/server/src';

/** For each rule: a file, and what it imports against that rule. */
const breaches = [
  ['package-protocol', 'packages/protocol/src/a.ts', 'packages/sender/src/index.ts'],
  ['package-sender', 'packages/sender/src/a.ts', 'packages/server/src/index.ts'],
  ['package-client', 'packages/client/src/a.ts', 'packages/sender/src/index.ts'],
  ['package-server', `${server}/a.ts`, 'packages/client/src/index.ts'],
  ['server-config', `${server}/config/a.ts`, `${server}/domain/b.ts`],
  ['server-telemetry', `${server}/telemetry/a.ts`, `${server}/domain/b.ts`],
  ['server-domain', `${server}/domain/inbox/a.ts`, `${server}/store/b.ts`],
  ['server-tasks', `${server}/tasks/a.ts`, `${server}/store/b.ts`],
  ['server-jobs', `${server}/jobs/a.ts`, `${server}/session/b.ts`],
  ['server-identity', `${server}/identity/a.ts`, `${server}/session/b.ts`],
  ['server-limits', `${server}/limits/a.ts`, `${server}/commands/b.ts`],
  ['server-workers', `${server}/workers/a.ts`, `${server}/session/b.ts`],
  ['server-presence', `${server}/presence/a.ts`, `${server}/transport/b.ts`],
  ['server-documents', `${server}/documents/a.ts`, `${server}/rooms/b.ts`],
  ['server-task-logs', `${server}/task-logs/a.ts`, `${server}/store/b.ts`],
  ['server-health', `${server}/health/a.ts`, `${server}/store/b.ts`],
  ['server-rooms', `${server}/rooms/a.ts`, `${server}/transport/b.ts`],
  ['server-transport-in-process', `${server}/transport/in-process/a.ts`, `${server}/session/b.ts`],
  ['server-store', `${server}/store/a.ts`, `${server}/fanout/b.ts`],
  ['server-broker', `${server}/broker/memory/a.ts`, `${server}/fanout/b.ts`],
  ['server-broker-postgres', `${server}/broker/postgres/a.ts`, `${server}/fanout/b.ts`],
  ['server-fanout', `${server}/fanout/a.ts`, `${server}/session/b.ts`],
  ['server-runner', `${server}/runner/local/a.ts`, `${server}/commands/b.ts`],
  ['server-http-client', `${server}/http-client/a.ts`, `${server}/domain/b.ts`],
  ['server-outbound', `${server}/outbound/a.ts`, `${server}/transport/b.ts`],
  ['server-commands', `${server}/commands/a.ts`, `${server}/session/b.ts`],
  ['server-session', `${server}/session/a.ts`, `${server}/transport/b.ts`],
  ['server-transport', `${server}/transport/websocket/a.ts`, `${server}/domain/ports.ts`],
  ['server-transport-http', `${server}/transport/http/a.ts`, `${server}/store/b.ts`],
  ['server-folder-unknown', `${server}/elsewhere/a.ts`, `${server}/domain/ports.ts`],
  ['server-wiring', `${server}/commands/a.ts`, `${server}/server.ts`],
  ['domain-siblings', `${server}/domain/inbox/a.ts`, `${server}/domain/rooms/b.ts`],
  ['domain-siblings', `${server}/domain/store/a.ts`, `${server}/domain/inbox/b.ts`],
  ['domain-without-io', `${server}/domain/a.ts`, 'node:fs'],
  ['runs-without-node', 'packages/client/src/a.ts', 'node:fs'],
  ['sender-without-dependencies', 'packages/sender/src/a.ts', 'node_modules/dependency/index.js'],
  ['sender-without-schemas', 'packages/sender/src/a.ts', 'packages/protocol/src/schemas/index.ts'],
  ['by-the-front-door', 'bench/src/a.ts', 'packages/server/src/store/b.ts'],
  ['by-the-front-door', 'packages/server/src/a.ts', 'packages/protocol/src/cursor.ts'],
  ['no-tests-in-sources', `${server}/store/a.ts`, `${server}/store/b.test.ts`],
  ['no-cycles', `${server}/store/a.ts`, `${server}/store/a.ts`],
  ['resolves', `${server}/store/a.ts`, `${server}/store/missing.ts`],
];

/** Imports that the rules must let through. */
const allowed = [
  [`${server}/cli/a.ts`, `${server}/server.ts`],
  [`${server}/transport/websocket/a.ts`, `${server}/session/b.ts`],
  [`${server}/transport/http/a.ts`, `${server}/commands/b.ts`],
  [`${server}/domain/inbox/a.ts`, `${server}/domain/ports.ts`],
  [`${server}/domain/inbox/a.ts`, `${server}/domain/store/b.ts`],
  [`${server}/broker/postgres/a.ts`, `${server}/store/postgres/b.ts`],
  [`${server}/store/a.test.ts`, `${server}/server.ts`],
  ['packages/client/src/a.ts', 'packages/protocol/src/schemas/index.ts'],
  ['examples/demo/src/a.ts', 'packages/server/src/index.ts'],
];

/** A tree with the files of all examples. @type {string} */
let tree;
/** The rules that those files break. @type {{ rule: string; from: string }[]} */
let found;
beforeAll(async () => {
  tree = mkdtempSync(join(tmpdir(), 'tidings-boundaries-'));
  for (const [from, to] of examples) writeExample(String(from), String(to));
  found = await broken(tree, [...new Set(examples.map(([from]) => String(from).split('/')[0] ?? ''))]);
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/**
 * The names of the rules that `folders` break.
 * @param {string} baseDir
 * @param {string[]} folders
 * @param {object} [more] options
 */
async function broken(baseDir, folders, more) {
  const { enhancedResolveOptions, tsConfig: _, ...rest } = options;
  const result = await cruise(
    folders,
    { ...rest, ...more, baseDir, validate: true, ruleSet: { forbidden } },
    enhancedResolveOptions,
  );
  if (typeof result.output === 'string') throw new Error(`expected a result object, got: ${result.output}`);
  return result.output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}

const examples = [...breaches.map(([, from, to]) => [from, to]), ...allowed];

/**
 * The name of the file that imports in an example, beside which others of its folder have names of their own.
 * @param {string} from
 * @param {string} to
 */
const importing = (from, to) =>
  from.replace('/a.', `/a${examples.findIndex(([one, other]) => one === from && other === to)}.`);

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}

/**
 * Has one file import another.
 * @param {string} from
 * @param {string} to
 */
function writeExample(from, to) {
  const file = importing(from, to);
  const imported = to === from ? file : to;
  let target = imported;
  if (to.startsWith('node_modules/')) target = to.split('/')[1] ?? '';
  else if (!to.startsWith('node:')) target = `${'../'.repeat(from.split('/').length - 1)}${imported}`;
  if (!to.startsWith('node:') && !to.includes('missing')) write(imported, 'export const b = 1;\n');
  write(file, `import { b } from '${target}';\nexport const a = b;\n`);
}

/**
 * The rules that the one import breaks.
 * @param {string} from
 * @param {string} to
 */
const brokenBy = (from, to) => found.filter((one) => one.from === importing(from, to)).map(({ rule }) => rule);

describe('import boundaries', () => {
  it('hold in this repository', async () => {
    expect(await broken(root, ['scripts', ...workspaceFolders()])).toEqual([]);
  });

  it.each(breaches)('%s is broken when %s imports %s', (rule, from, to) => {
    expect(brokenBy(from, to)).toContain(rule);
  });

  it.each(allowed)('%s may import %s', (from, to) => {
    expect(brokenBy(from, to)).toEqual([]);
  });

  it('are the ones that docs/architecture.md gives for each room', () => {
    const rows = readFileSync(join(root, 'docs/architecture.md'), 'utf8').matchAll(
      /^\| `([\w/-]+)\/` \|.*\| (.+) \|$/gm,
    );
    const told = [...rows]
      .filter(([, , imports]) => imports !== 'everything')
      .map(([, room, imports]) =>
        `${room}/ imports, of the server, only ${imports}.`.replace('only nothing of ours', 'nothing'),
      );
    const comments = forbidden.map((/** @type {{ comment: string }} */ rule) => rule.comment);
    const rules = comments.filter((/** @type {string} */ comment) => comment.includes(' imports, of the server, '));
    expect(rules.sort()).toEqual(told.sort());
  });

  it('have an example for every rule', () => {
    const named = new Set(breaches.map(([rule]) => rule));
    expect(
      forbidden
        .map((/** @type {{ name: string }} */ rule) => rule.name)
        .filter((/** @type {string} */ name) => !named.has(name)),
    ).toEqual([]);
  });
});
