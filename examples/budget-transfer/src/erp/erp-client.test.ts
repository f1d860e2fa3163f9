import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zipSync } from 'fflate';
import { afterEach, describe, expect, test } from 'vitest';
import { createErpClient, type ErpClientOptions } from './erp-client.ts';
import { ErpError } from './erp-error.ts';
import { createJumpingClock } from './jumping-clock.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A server that says what a test wants the ERP to say. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answering(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Answers the status finder with these words in turn, the last one for ever, and the details finder with `details`. */
function scheduler(
  words: string[],
  details: () => object = () => ({ REQUESTID: '7', STATUS: words.at(-1) }),
): RequestListener {
  let polls = 0;
  return (request, response) => {
    const wantsDetails = request.url?.includes('ESSExecutionDetailsRF');
    const word = words[Math.min(polls, words.length - 1)];
    if (!wantsDetails) polls += 1;
    const RequestStatus = wantsDetails ? JSON.stringify({ JOBS: details() }) : word;
    response.end(JSON.stringify({ items: [{ ReqstId: '7', RequestStatus }] }));
  };
}

async function clientOf(listener: RequestListener, options: Partial<ErpClientOptions> = {}) {
  const baseUrl = await serve(listener);
  const clock = createJumpingClock();
  const client = createErpClient({ baseUrl, username: 'ann', password: 'secret', clock, ...options });
  return { client, clock };
}

/** A client of a port that nothing listens on any more. */
async function unreachableClient() {
  const baseUrl = await serve(answering(200, {}));
  await Promise.all(closers.splice(0).map((close) => close()));
  return { client: createErpClient({ baseUrl, username: 'ann', password: 'secret' }), host: new URL(baseUrl).host };
}

async function failureOf(promise: Promise<unknown>): Promise<ErpError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ErpError)) throw new Error(`expected an ErpError, got ${error}`);
  return error;
}

const upload = {
  fileName: 'GlInterface.zip',
  content: new Uint8Array([1]),
  documentAccount: 'fin$/generalLedger$/import$',
};
const job = { packageName: '/oracle/x', definition: 'AutomaticPosting', args: ['1', 'a, b'] };

describe('a request', () => {
  test('carries login, framework version, and the operation in the case-exact keys of the service', async () => {
    const seen: { headers: object; url: string | undefined; body: string }[] = [];
    const { client } = await clientOf(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ headers: request.headers, url: request.url, body });
      response.writeHead(201).end('{"ReqstId":"42"}');
    });
    expect(await client.submitJob(job)).toBe('42');
    expect(seen[0]?.url).toBe('/fscmRestApi/resources/11.13.18.05/erpintegrations');
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}`,
      'rest-framework-version': '4',
      'content-type': 'application/vnd.oracle.adf.resourceitem+json',
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      OperationName: 'submitESSJobRequest',
      JobPackageName: '/oracle/x',
      JobDefName: 'AutomaticPosting',
      ESSParameters: '1,"a, b"',
      ReqstId: null,
    });
  });

  test('takes 200 as well as 201, and an id that is a number', async () => {
    const { client } = await clientOf(answering(200, { DocumentId: 7787 }));
    expect(await client.uploadFileToUcm(upload)).toBe('7787');
  });
});

describe('a failure', () => {
  test.each([
    ['-1', 'submission_refused'],
    [null, 'submission_refused'],
  ])('is a submission answered with success and request id %j', async (ReqstId, code) => {
    const { client } = await clientOf(answering(201, { ReqstId }));
    expect(await failureOf(client.submitJob(job))).toMatchObject({ code, retryable: false });
  });

  test('is an upload answered with success and no document id', async () => {
    const { client } = await clientOf(answering(201, { DocumentId: null }));
    expect((await failureOf(client.uploadFileToUcm(upload))).message).toContain('no document id');
  });

  test.each([
    [401, 'unauthorized', false, 'Check its user name and password'],
    [403, 'forbidden', false, 'Ask for the role'],
    [400, 'invalid_request', false, 'Invalid attribute'],
    [429, 'unavailable', true, 'Try again later'],
    [503, 'unavailable', true, 'Try again later'],
  ])('of status %d is %s', async (status, code, retryable, words) => {
    const body = { title: 'No', status: String(status), 'o:errorDetails': [{ detail: 'Invalid attribute x.' }] };
    const { client } = await clientOf(answering(status, body));
    const error = await failureOf(client.submitJob(job));
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('secret');
  });

  test('names a host that refuses connections and what to check', async () => {
    const { client, host } = await unreachableClient();
    const error = await failureOf(client.uploadFileToUcm(upload));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toBe(
      `Cannot reach the ERP at ${host}: connection refused. Check the base URL, that the service is up, and that a firewall or proxy lets this machine reach it.`,
    );
  });

  test('names what else kept a request from being sent', async () => {
    const client = createErpClient({ baseUrl: 'http://127.0.0.1:1', username: 'a', password: 'b' });
    expect((await failureOf(client.uploadFileToUcm(upload))).message).toMatch(
      /^Cannot reach the ERP at 127\.0\.0\.1:1: bad port\. /,
    );
  });

  test('is a host name that does not resolve', async () => {
    const client = createErpClient({ baseUrl: 'http://erp.invalid', username: 'a', password: 'b' });
    expect((await failureOf(client.uploadFileToUcm(upload))).message).toMatch(
      /at erp\.invalid: (no such host|the host)/,
    );
  });

  test('is an answer that is cut off', async () => {
    const { client } = await clientOf((_request, response) => {
      response.writeHead(201, { 'content-length': '1000' }).write('{');
      setImmediate(() => response.destroy());
    });
    expect(await failureOf(client.submitJob(job))).toMatchObject({ code: 'unreachable', retryable: true });
  });

  test('is an answer that does not come in time', async () => {
    const { client } = await clientOf(() => {}, { requestTimeoutMs: 30 });
    expect(await failureOf(client.submitJob(job))).toMatchObject({ code: 'timed_out', retryable: true });
  });

  test('is a login page or a redirect instead of JSON', async () => {
    const page = await clientOf(answering(200, '<html>Sign in</html>', { 'content-type': 'text/html' }));
    expect((await failureOf(page.client.submitJob(job))).message).toContain('got text/html that is not JSON');
    const redirect = await clientOf(answering(302, '', { location: 'https://login.example.com/' }));
    const error = await failureOf(redirect.client.submitJob(job));
    expect(error.code).toBe('unexpected_response');
    expect(error.message).toContain('a redirect (302) to https://login.example.com/');
  });

  test('is a base URL that is none', () => {
    expect(() => createErpClient({ baseUrl: 'erp.example.com', username: 'a', password: 'b' })).toThrow(
      'Expected the ERP base URL as https://example.fa.us2.oraclecloud.com, got "erp.example.com".',
    );
  });
});

describe('a read', () => {
  test('is repeated over passing failures, a submission never', async () => {
    let requests = 0;
    const { client, clock } = await clientOf((request, response) => {
      requests += 1;
      if (requests < 4) response.writeHead(503).end('down');
      else scheduler(['RUNNING'])(request, response);
    });
    expect(await client.jobStatus('7')).toBe('RUNNING');
    expect(clock.sleeps).toEqual([1_000, 2_000, 4_000]);
    requests = 0;
    expect((await failureOf(client.submitJob(job))).code).toBe('unavailable');
    expect(requests).toBe(1);
  });

  test('gives up after five attempts', async () => {
    const { client, clock } = await clientOf(answering(503, 'down'));
    expect((await failureOf(client.jobStatus('7'))).code).toBe('unavailable');
    expect(clock.sleeps).toHaveLength(4);
  });

  test.each([
    ['an empty status', [{ ReqstId: '7', RequestStatus: '' }]],
    ['no item', []],
  ])('of a request the service does not know brings %s, which is an error', async (_, items) => {
    const { client } = await clientOf(answering(200, { items }));
    const error = await failureOf(client.waitForJob('7'));
    expect(error).toMatchObject({ code: 'unknown_request', requestId: '7', retryable: false });
  });

  test('unpacks logs, and says when they are no zip', async () => {
    const zip = Buffer.from(zipSync({ '7.log': Buffer.from('all lines') })).toString('base64');
    const good = await clientOf(answering(200, { items: [{ DocumentContent: zip }] }));
    expect(await good.client.jobFiles('7')).toEqual([{ name: '7.log', text: 'all lines' }]);
    const none = await clientOf(answering(200, { items: [{ DocumentContent: null }] }));
    expect(await none.client.jobFiles('7')).toEqual([]);
    const bad = await clientOf(answering(200, { items: [{ DocumentContent: 'bm8gemlw' }] }));
    expect((await failureOf(bad.client.jobFiles('7'))).code).toBe('unexpected_response');
  });
});

describe('waiting for a job', () => {
  test('goes on over COMPLETED, PAUSED and BLOCKED, with waits that grow to a limit', async () => {
    const words = ['READY', 'BLOCKED', 'RUNNING', 'PAUSED', 'PAUSED', 'PAUSED', 'PAUSED', 'COMPLETED', 'SUCCEEDED'];
    const { client, clock } = await clientOf(scheduler(words), { pollMs: 1_000 });
    expect((await client.waitForJob('7')).status).toBe('SUCCEEDED');
    expect(clock.sleeps.map(Math.round)).toEqual([1_000, 1_500, 2_250, 3_375, 5_063, 7_594, 10_000, 10_000]);
  });

  test('goes on while a child runs below a parent that ended', async () => {
    let reads = 0;
    const details = () => {
      reads += 1;
      const STATUS = reads < 3 ? 'RUNNING' : 'WARNING';
      return {
        REQUESTID: '7',
        STATUS: 'SUCCEEDED',
        CHILD: [
          { REQUESTID: '8', STATUS: 'SUCCEEDED' },
          { REQUESTID: '9', STATUS },
        ],
      };
    };
    const { client } = await clientOf(scheduler(['SUCCEEDED'], details));
    const node = await client.waitForJob('7');
    expect(node.children.map(({ status }) => status)).toEqual(['SUCCEEDED', 'WARNING']);
  });

  test('ends with job_held when a person has to act', async () => {
    const { client } = await clientOf(scheduler(['RUNNING', 'HOLD']));
    expect(await failureOf(client.waitForJob('7'))).toMatchObject({ code: 'job_held', requestId: '7' });
  });

  test('ends with timed_out and the last status at the limit for one job', async () => {
    const { client, clock } = await clientOf(scheduler(['RUNNING']), { jobTimeoutMs: 600_000 });
    const error = await failureOf(client.waitForJob('7'));
    expect(error).toMatchObject({ code: 'timed_out', retryable: false });
    expect(error.message).toContain('Request 7 was still RUNNING after 10 minutes');
    expect(clock.now()).toBe(600_000);
  });

  test('ends at once when it is cancelled between polls', async () => {
    const controller = new AbortController();
    let polled = () => {};
    const firstPoll = new Promise<void>((resolve) => {
      polled = resolve;
    });
    const answer = scheduler(['RUNNING']);
    const baseUrl = await serve((request, response) => {
      answer(request, response);
      response.on('finish', polled);
    });
    const options = { baseUrl, username: 'a', password: 'b', pollMs: 3_600_000, signal: controller.signal };
    const waiting = failureOf(createErpClient(options).waitForJob('7'));
    await firstPoll;
    controller.abort();
    expect(await waiting).toMatchObject({ code: 'cancelled', retryable: false });
  });

  test('ends a request under way when it is cancelled', async () => {
    const controller = new AbortController();
    const { client } = await clientOf(() => controller.abort(), { signal: controller.signal });
    expect((await failureOf(client.waitForJob('7'))).code).toBe('cancelled');
  });
});
