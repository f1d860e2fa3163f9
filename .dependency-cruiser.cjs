// The import rules of docs/architecture.md. `npm run check` and scripts/boundaries.test.js hold them.
// Tests may reach further than what they test; the rules are for everything else.

const test = '\\.(test|contract)\\.tsx?$|/testing/';
const serverSource = '^packages/server/src/';

/**
 * The server's folders, and which others of them each may import. `cli/` and server.ts wire: they may import all.
 * docs/architecture.md has the same table.
 */
const layers = {
  // Options name the types of what they configure.
  config: ['identity', 'rooms', 'telemetry'],
  telemetry: [],
  domain: [],
  tasks: ['domain'],
  store: ['domain', 'config', 'telemetry'],
  broker: ['domain'],
  // Nodes reach one another as the store reaches its database.
  'broker/postgres': ['broker', 'store/postgres', 'domain', 'telemetry'],
  fanout: ['domain', 'telemetry'],
  limits: ['domain'],
  jobs: ['domain', 'telemetry'],
  runner: ['tasks', 'domain', 'telemetry'],
  'http-client': [],
  outbound: ['http-client', 'domain', 'telemetry'],
  commands: ['tasks', 'domain', 'telemetry'],
  identity: ['http-client', 'fanout', 'domain', 'telemetry'],
  session: ['commands', 'identity', 'fanout', 'domain', 'telemetry'],
  'task-logs': ['session', 'tasks', 'fanout', 'domain'],
  presence: ['commands', 'session', 'fanout', 'domain', 'telemetry'],
  health: ['presence', 'session', 'commands', 'identity', 'fanout', 'domain', 'telemetry'],
  rooms: ['http-client', 'session', 'fanout', 'domain', 'telemetry'],
  documents: ['session', 'commands', 'identity', 'fanout', 'domain', 'telemetry'],
  transport: ['session', 'fanout', 'telemetry'],
  'transport/http': ['commands', 'identity', 'domain', 'telemetry', 'config'],
  'transport/in-process': ['commands'],
  // The processes of --workers reach the thread that writes, and one another.
  workers: ['store', 'broker', 'domain', 'telemetry'],
};

const layerRules = Object.entries(layers).map(([folder, allowed]) => {
  const within = Object.keys(layers).filter((other) => other.startsWith(`${folder}/`));
  return {
    name: `server-${folder.replace('/', '-')}`,
    comment: `${folder}/ imports, of the server, ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing'}.`,
    severity: 'error',
    from: {
      path: `${serverSource}${folder}/`,
      pathNot: [test, ...within.map((other) => `${serverSource}${other}/`)],
    },
    to: { path: serverSource, pathNot: `${serverSource}(${[folder, ...allowed].join('|')})/` },
  };
});

/** The packages of ours that each published package may import. */
const packages = {
  protocol: [],
  sender: ['protocol'],
  client: ['protocol'],
  server: ['protocol', 'sender'],
};

const packageRules = Object.entries(packages).map(([name, allowed]) => ({
  name: `package-${name}`,
  comment: `packages/${name} imports, of ours, ${allowed.length > 0 ? `only ${allowed.join(' and ')}` : 'nothing'}.`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: test },
  to: {
    path: '^(packages|apps|examples|bench|e2e|scripts)/',
    pathNot: `^packages/(${[name, ...allowed].join('|')})/`,
  },
}));

/** The exports of package.json; nothing else of a package is for others. */
const entries = [
  'protocol/src/(schemas/)?index.ts',
  'sender/src/index.ts',
  'client/src/((elements|react|transport|vue|testing)/)?index.ts',
  'client/src/elements/define.ts',
  'client/src/(inbox-view|room|document|task-log|vite).ts',
  'client/src/jsx/(react|preact|solid|vue).ts',
  'server/src/index.ts',
];

module.exports = {
  forbidden: [
    ...packageRules,
    ...layerRules,
    {
      name: 'server-folder-unknown',
      comment: 'A folder of the server needs its line in `layers`, above.',
      severity: 'error',
      from: {
        path: `${serverSource}[^/]+/`,
        pathNot: `${serverSource}(cli|${Object.keys(layers).join('|')})/`,
      },
      to: {},
    },
    {
      name: 'server-wiring',
      comment: 'Only index.ts and cli/ know server.ts, the place that wires; nothing knows cli/.',
      severity: 'error',
      from: { path: '^(packages|apps|examples|bench|e2e)/', pathNot: `${test}|${serverSource}(index\\.ts$|cli/)` },
      to: { path: `${serverSource}(server\\.ts$|cli/)` },
    },
    {
      name: 'domain-siblings',
      comment:
        'The folders of domain/ do not know each other, but for store/, which has the ports; what they share lies beside them.',
      severity: 'error',
      from: { path: `${serverSource}domain/([^/]+)/`, pathNot: test },
      to: { path: `${serverSource}domain/[^/]+/`, pathNot: `${serverSource}domain/($1|store)/` },
    },
    {
      name: 'domain-without-io',
      comment: 'The rules of the domain touch no file, socket or clock of Node.',
      severity: 'error',
      from: { path: `${serverSource}domain/`, pathNot: test },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'runs-without-node',
      comment: 'The protocol and the client also run in browsers and React Native.',
      severity: 'error',
      from: { path: '^packages/(protocol|client)/src/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sender-without-dependencies',
      comment: 'The sender asks nothing of who installs it.',
      severity: 'error',
      from: { path: '^packages/sender/src/', pathNot: test },
      to: { path: '(^|/)node_modules/' },
    },
    {
      name: 'sender-without-schemas',
      comment: 'Of the protocol the sender bundles codes and errors; the schemas would bring a library with them.',
      severity: 'error',
      from: { path: '^packages/sender/src/', pathNot: test },
      to: { path: '^packages/protocol/src/schemas/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'by-the-front-door',
      comment: 'Other packages are imported by their exports, not by their files; what tests share is for all tests.',
      severity: 'error',
      from: { path: '^(?:packages|apps|examples)/([^/]+)/|^(?:bench|e2e)/' },
      to: { path: '^packages/[^/]+/', pathNot: `^packages/($1/|server/testing/|${entries.join('$|')}$)` },
    },
    {
      name: 'no-tests-in-sources',
      comment: 'What runs does not import tests or their fixtures.',
      severity: 'error',
      from: { path: '^(packages|apps|examples|bench)/', pathNot: test },
      to: { path: '\\.(test|contract)\\.tsx?$' },
    },
    {
      name: 'no-cycles',
      comment: 'Nor by types: a cycle is one part in several files.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolves',
      comment: 'Every import leads to a file or an installed package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|public)/|^contract/(build|clients)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['tidings-source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
