import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTidings, devOptions, saveDevUrl, type Telemetry, type Tidings } from '@tidings/server';
import { announcementRoutes } from './app/announcement-routes.ts';
import { Announcements } from './app/announcements.ts';
import { createApplication } from './app/application.ts';
import { correctionRoutes } from './app/corrections.ts';
import { healthRoutes } from './app/health-routes.ts';
import { noteRoutes } from './app/note-routes.ts';
import { beginNotes, mayUseNote } from './app/notes.ts';
import { officeRoutes } from './app/office-routes.ts';
import { pages } from './app/pages.ts';
import { approversOf, personOf } from './app/people.ts';
import { projectRoutes } from './app/project-routes.ts';
import { isInProject, projectOf } from './app/projects.ts';
import { Sessions } from './app/sessions.ts';
import { SimulatorSwitch } from './app/simulator-switch.ts';
import { transferRoutes } from './app/transfer-routes.ts';
import type { ErpConnection } from './erp/erp-client.ts';
import type { LedgerSetup } from './erp/ledger-setup.ts';
import { defineBudgetTransfer } from './job/budget-transfer.ts';
import { TransferFiles } from './job/transfer-files.ts';
import { createErpSimulator, type ErpSimulator } from './simulator/erp-simulator.ts';
import { simulatedLedger } from './simulator/ledger.ts';

/** A Fusion host in place of the simulator. */
export interface RemoteErp {
  readonly connection: ErpConnection;
  readonly ledger: LedgerSetup;
}

export interface DemoOptions {
  /** Holds `.tidings/`: database, secrets, uploads and reports. */
  readonly folder: string;
  /** `port` 0 is a free one; with `next`, the ports above it are tried too. */
  readonly listen: { readonly port: number; readonly next: boolean };
  /** Null starts a simulator. */
  readonly erp: RemoteErp | null;
  /** Seconds that each job takes in the simulator. */
  readonly stepSeconds: number;
  /** Seconds for which a report can be downloaded. */
  readonly reportSeconds: number;
}

export interface Demo {
  readonly url: string;
  readonly erpUrl: string;
  /** Ends what runs; transfers under way go on at the next start. */
  close(): Promise<void>;
}

const portsTried = 20;

/** Starts the ERP simulator, Tidings, and the application that embeds it. Throws what a person can act on. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const embedded = devOptions(options.folder);
  const secret = embedded.auth?.jwtSecret ?? randomBytes(32).toString('base64url');
  const sessions = new Sessions(secret);
  const tidings = await createTidings({
    ...embedded,
    // People are known by the application's own sessions; nobody is taken at their word.
    dev: false,
    // Answers are posted nowhere.
    callbacks: {},
    auth: {
      ...embedded.auth,
      jwtSecret: secret,
      authenticate(request) {
        const person = sessions.personOf(request);
        return person && { sub: person.id, username: person.id, roles: person.roles };
      },
    },
    rooms: {
      authorize(user, action, room) {
        if (room.kind === 'collaboration') return mayUseNote(user.id, action, room.id);
        const project = room.kind === 'project' ? projectOf(room.id) : undefined;
        return project !== undefined && isInProject(project, user.id);
      },
    },
    telemetry: failures,
  });

  const closing: (() => Promise<void>)[] = [() => tidings.close()];
  const close = async () => {
    for (const end of closing.splice(0)) await end();
  };
  try {
    const files = await TransferFiles.open(join(options.folder, '.tidings', 'transfers'));
    const simulator = options.erp ? null : await startSimulator(options.stepSeconds);
    if (simulator) closing.push(() => simulator.close());
    const erp = options.erp?.connection ?? { ...login, baseUrl: simulator?.url ?? '' };
    const ledger = options.erp?.ledger ?? simulatedLedger;
    const pollMs = simulator ? Math.min(500, options.stepSeconds * 200) : undefined;
    const directory = { approversOf, nameOf: (id: string) => personOf(id)?.name ?? id };
    const { reportSeconds } = options;
    defineBudgetTransfer({ tidings, files, ledger, reportSeconds, people: directory, erp: { ...erp, pollMs } });

    const place = { host: new URL(erp.baseUrl).host, simulator: simulator && new SimulatorSwitch(simulator.url) };
    const announcements = await Announcements.open(tidings, join(options.folder, '.tidings', 'announcements.json'));
    await beginNotes(tidings);
    const routes = [
      ...transferRoutes(tidings, files),
      ...announcementRoutes(announcements),
      ...correctionRoutes(tidings),
      ...projectRoutes(tidings),
      ...noteRoutes(secret),
      ...healthRoutes(),
      ...officeRoutes(tidings, place),
    ];
    const server = createServer(createApplication({ sessions, pages, routes }));
    const url = await serve(server, tidings, options.listen);
    closing.push(() => stop(server));
    saveDevUrl(options.folder, url);
    return { url, erpUrl: erp.baseUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const login = { username: 'fin_integration', password: 'demo' };

async function startSimulator(stepSeconds: number): Promise<ErpSimulator> {
  const simulator = createErpSimulator({ ...login, stepSeconds });
  await simulator.listen();
  return simulator;
}

/** Says in one line what went wrong inside. */
const failures: Telemetry = {
  emit(event) {
    if (event.type === 'failure') process.stderr.write(`tidings: ${event.where}: ${event.error.message}\n`);
  },
};

/** Listens on the loopback interface with Tidings beside the application, and returns the address. */
async function serve(server: Server, tidings: Tidings, { port, next }: DemoOptions['listen']): Promise<string> {
  tidings.attach(server, { documents: true });
  const ports = next ? Array.from({ length: portsTried }, (_, index) => port + index) : [port];
  for (const candidate of ports) {
    try {
      server.listen(candidate, '127.0.0.1');
      await once(server, 'listening');
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    }
  }
  const taken = next ? `Ports ${port} to ${port + portsTried - 1} are` : `Port ${port} is`;
  throw new Error(`${taken} taken by other programs. Stop one of them, or name a free port: --port 0 takes any.`);
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
