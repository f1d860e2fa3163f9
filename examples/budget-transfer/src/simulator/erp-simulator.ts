import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Faults,
  type FaultyStep,
  faultsToWire,
  noFaults,
  parseFaults,
  type ServiceState,
  type StepFaults,
} from './faults.ts';
import { runFinder } from './finders.ts';
import { createGeneralLedger, type JournalBatch } from './general-ledger.ts';
import { errorAnswer, HttpFailure } from './http-failure.ts';
import { createJobQueue } from './job-queue.ts';
import { runOperation } from './operations.ts';
import { readJson } from './request-body.ts';
import { fullResource } from './resource.ts';

export interface ErpSimulatorOptions {
  /** The one login it accepts. */
  readonly username: string;
  readonly password: string;
  /** Time a job takes, default 2. */
  readonly stepSeconds?: number;
  /** Milliseconds of any origin, default the system's. */
  readonly now?: () => number;
}

/** Switches of the simulator, for code in the same process; `POST /simulator/faults` sets them from another. */
interface SimulatorControl {
  /** Has a step fail, for every request from now on. */
  fail<S extends FaultyStep>(step: S, fault: StepFaults[S]): void;
  slow(factor: number): void;
  service(state: ServiceState): void;
  clear(): void;
  batches(): readonly Readonly<JournalBatch>[];
}

export interface ErpSimulator {
  /** Listens on the loopback interface and returns the base URL. Port 0, the default, takes a free one. */
  listen(port?: number): Promise<string>;
  /** Base URL; throws before `listen`. */
  readonly url: string;
  close(): Promise<void>;
  readonly control: SimulatorControl;
}

const resourcePath = /^\/fscmRestApi\/resources\/(11\.13\.18\.05|latest)\/erpintegrations$/;
const resourceTypes = [
  'application/json',
  'application/vnd.oracle.adf.action+json',
  'application/vnd.oracle.adf.resourceitem+json',
];

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** A stand-in for Oracle Fusion's ERP integration REST service, with a ledger that jobs really fill. */
export function createErpSimulator(options: ErpSimulatorOptions): ErpSimulator {
  const ledger = createGeneralLedger();
  const queue = createJobQueue(options.now ?? (() => performance.now()));
  const stepMs = (options.stepSeconds ?? 2) * 1_000;
  const login = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`;
  let faults: Faults = noFaults;

  async function answerFaults(request: IncomingMessage): Promise<Answer> {
    if (request.method === 'POST') {
      // Only JSON: a page of another origin cannot send that without being asked for permission first.
      const parsed = parseFaults(await readJson(request, ['application/json']));
      if (!parsed.ok) throw new HttpFailure(400, parsed.message);
      faults = parsed.faults;
    } else if (request.method !== 'GET') {
      throw new HttpFailure(405, 'Expected GET or POST.');
    }
    return { status: 200, body: faultsToWire(faults) };
  }

  async function answerResource(request: IncomingMessage, url: URL): Promise<Answer> {
    if (faults.service === 'unavailable') throw new HttpFailure(503, 'The service is down for maintenance.');
    if (faults.service === 'rejects_logins' || request.headers.authorization !== login) {
      throw new HttpFailure(401, 'Unauthorized');
    }
    queue.advance();
    if (request.method === 'GET') {
      return { status: 200, body: runFinder(queue, url.searchParams.get('finder') ?? '') };
    }
    if (request.method !== 'POST') throw new HttpFailure(405, 'Expected GET or POST.');
    const body = await readJson(request, resourceTypes);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new HttpFailure(400, 'The request payload could not be parsed.', '27521');
    }
    const outcome = runOperation({ ledger, queue, faults, durationMs: stepMs * faults.slowFactor }, body);
    const href = `${url.href}/${encodeURIComponent(String(Reflect.get(body, 'OperationName')))}`;
    const links = [{ rel: 'self', href, name: 'erpintegrations', kind: 'item' }];
    return { status: 201, body: { ...fullResource({ ...body, ...outcome }), links } };
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
    if (url.pathname === '/simulator/faults') return answerFaults(request);
    if (resourcePath.test(url.pathname)) return answerResource(request, url);
    throw new HttpFailure(404, `There is no resource ${url.pathname}.`);
  }

  const server = createServer((request, response) => void respond(request, response, answer));
  return {
    async listen(port = 0) {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return urlOf(server);
    },
    get url() {
      return urlOf(server);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    control: {
      fail(step, fault) {
        faults = { ...faults, fail: { ...faults.fail, [step]: fault } };
      },
      slow(factor) {
        faults = { ...faults, slowFactor: factor };
      },
      service(state) {
        faults = { ...faults, service: state };
      },
      clear() {
        faults = noFaults;
      },
      batches: () => ledger.batches,
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: IncomingMessage) => Promise<Answer>,
): Promise<void> {
  try {
    const { status, body } = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    const failure = error instanceof HttpFailure ? error : new HttpFailure(500, String(error));
    const version = Number(request.headers['rest-framework-version'] ?? 1);
    const { contentType, body } = errorAnswer(failure, version);
    const challenge = failure.status === 401 ? { 'www-authenticate': 'Basic realm="erp"' } : {};
    response.writeHead(failure.status, { 'content-type': contentType, ...challenge }).end(body);
  }
}

function urlOf(server: Server): string {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The ERP simulator does not listen yet.');
  return `http://127.0.0.1:${address.port}`;
}
