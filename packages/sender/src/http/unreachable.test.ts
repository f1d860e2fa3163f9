import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import tls from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { createSender } from '../create-sender.ts';
import { tlsIdentity } from '../testing/tls-identity.ts';
import { unreachable } from './unreachable.ts';

/** Serves until the test is over. @returns where */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The error of a call that cannot get through, and the number of attempts. */
async function outcomeOf(url: string) {
  let attempts = 0;
  const sender = createSender({
    ...{ url, apiKey: 'key', retry: { initialDelayMs: 20, maxDelayMs: 20 } },
    fetch: (...args) => {
      attempts++;
      return fetch(...args);
    },
  });
  const failure = await sender.notify({ to: { user: 1 } }).catch((error) => error);
  const { code, retryable, message } = failure;
  return { code, retryable, message, attempts, isCertain: !/outcome is unknown/.test(message) };
}

const secure = () => createHttpsServer(tlsIdentity, (_, response) => response.end('{}'));
const once = { code: 'unreachable', retryable: false, attempts: 1, isCertain: true };

it('a certificate that is not trusted is reported at once: nothing was sent', async () => {
  expect(await outcomeOf(`https://${await listen(secure())}`)).toMatchObject({
    ...once,
    message: expect.stringMatching(
      /\(DEPTH_ZERO_SELF_SIGNED_CERT\): its certificate is not trusted here: .* Nothing was sent$/,
    ),
  });
});

it('so is a certificate for another name', async () => {
  const before = tls.getCACertificates('default');
  onTestFinished(() => tls.setDefaultCACertificates(before));
  tls.setDefaultCACertificates([...before, tlsIdentity.cert]);
  expect(await outcomeOf(`https://${await listen(secure())}`)).toMatchObject({
    ...once,
    message: expect.stringContaining('its certificate is for another name: set TIDINGS_URL to a name it has'),
  });
});

it('so is a port that does not speak TLS', async () => {
  const plain = createHttpServer((_, response) => response.end('{}'));
  expect(await outcomeOf(`https://${await listen(plain)}`)).toMatchObject({
    ...once,
    message: expect.stringContaining('it does not speak TLS there: check the port, or begin TIDINGS_URL with http://'),
  });
});

it('so is a port that does not speak HTTP, and one that no browser or fetch uses', async () => {
  const ssh = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('SSH-2.0-OpenSSH_9.2\r\n');
  });
  expect(await outcomeOf(`http://${await listen(ssh)}`)).toMatchObject({
    ...once,
    message: expect.stringContaining('what answers there does not speak HTTP: check the port in TIDINGS_URL'),
  });
  expect(await outcomeOf('http://127.0.0.1:22')).toMatchObject({
    ...once,
    message: expect.stringContaining('(bad port): no program of the web may use that port'),
  });
});

/** The failure of one attempt at an address. */
const attemptAt = async (url: string) => unreachable(url, await fetch(url, { method: 'POST' }).catch((error) => error));

it('a server that is away, or a name that is not found, is tried again, and nothing was sent', async () => {
  const gone = createServer();
  const address = await listen(gone);
  await new Promise((resolve) => gone.close(resolve));
  for (const host of [address, `localhost:${address.split(':')[1]}`, 'tidings.invalid']) {
    expect(await attemptAt(`http://${host}`)).toMatchObject({ again: true, maybeDone: false });
  }
});

it('a connection that breaks is tried again, and what became of it is not known', async () => {
  const rude = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.destroy());
  });
  expect(await attemptAt(`http://${await listen(rude)}`)).toMatchObject({ again: true, maybeDone: true });
});

it.each<[string, number, string, object]>([
  ['the page of another server', 200, 'text/html', { attempts: 1, isCertain: true }],
  [
    'a redirect',
    302,
    'text/html',
    { attempts: 1, isCertain: true, message: expect.stringContaining('a redirect to /login') },
  ],
  ['JSON of something else', 200, 'application/json', { attempts: 1, isCertain: false }],
])('%s: %i', async (_, status, type, expected) => {
  const other = createHttpServer((_, response) => {
    response.writeHead(status, { 'content-type': type, ...(status === 302 ? { location: '/login' } : {}) });
    response.end('{"hello":"world"}');
  });
  const outcome = await outcomeOf(`http://${await listen(other)}`);
  expect(outcome).toMatchObject({ code: 'bad_response', ...expected });
});
