import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { CallbackOrigins } from '../outbound/webhooks/callback-origins.ts';
import { HttpClient, type Resolve } from './http-client.ts';

/** A service on loopback that says by which name it was asked. */
async function service(address = '127.0.0.1', port = 0) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.host ?? '');
    // No connection is used again, so that each name is resolved anew.
    response.writeHead(200, { connection: 'close' }).end('here');
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { asked, port: (server.address() as AddressInfo).port };
}

/** Resolves every name to the next of these lists. */
function resolving(...answers: string[][]): Resolve {
  return (_name, _options, done) => {
    const addresses = answers.shift() ?? [];
    done(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

const origins = (...named: string[]) => new CallbackOrigins(named, { isDevelopment: false, canSign: true });
const post = { method: 'POST', headers: {}, body: 'news' };
const sent = (client: HttpClient, url: string) => client.request(url, { ...post, signal: AbortSignal.timeout(20_000) });

test.each([
  ['loopback', '127.0.0.1'],
  ['a private address', '10.1.2.3'],
  ['metadata of a cloud', '169.254.169.254'],
  ['this host', '0.0.0.0'],
  ['loopback in IPv6', '::1'],
  ['a mapped address', '::ffff:127.0.0.1'],
  ['a mapped address in hexadecimal', '::ffff:7f00:1'],
  ['an address behind NAT64', '64:ff9b::a9fe:a9fe'],
  ['a private network in IPv6', 'fd00::1'],
  ['one link', 'fe80::1'],
])('a public name that leads to %s is refused before anything is sent', async (_name, address) => {
  const { asked, port } = await service();
  const named = `http://app.example.com:${port}`;
  const client = new HttpClient(origins(named).allowsAddress, { resolve: resolving([address]) });
  await expect(sent(client, named)).rejects.toThrow(
    `app.example.com leads to ${address}, no address that may be called`,
  );
  expect(asked).toEqual([]);
});

test('the address that was checked is the one that is connected to, however the name leads next', async () => {
  const [first, second] = [await service(), '127.0.0.2'];
  await service(second, first.port);
  const named = `http://app.example.com:${first.port}`;
  // The operator has named one address: the name may lead there, and to no other.
  const { allowsAddress } = origins(named, 'http://127.0.0.1');
  const client = new HttpClient(allowsAddress, { resolve: resolving([second, '127.0.0.1'], [second], ['127.0.0.1']) });
  expect(await text(await sent(client, named))).toBe('here');
  await expect(sent(client, named)).rejects.toThrow(`leads to ${second}, no address`);
  expect(await text(await sent(client, named))).toBe('here');
  expect(first.asked).toEqual([`app.example.com:${first.port}`, `app.example.com:${first.port}`]);
});

test('a service of the own network is called by a name that no public DNS has, or by its address', async () => {
  const { asked, port } = await service();
  const names = ['localhost', 'erp', 'erp.internal', 'erp.local'].map((name) => `http://${name}:${port}`);
  for (const named of [...names, `http://127.0.0.1:${port}`]) {
    const client = new HttpClient(origins(named).allowsAddress, { resolve: resolving(['127.0.0.1']) });
    expect(await text(await sent(client, named)), named).toBe('here');
  }
  expect(asked).toHaveLength(5);
  for (const address of ['169.254.169.254', '0.0.0.0', '::ffff:169.254.169.254']) {
    const client = new HttpClient(origins(names[2] as string).allowsAddress, { resolve: resolving([address]) });
    await expect(sent(client, names[2] as string), 'but never what is no service').rejects.toThrow('may be called');
  }
});

test('an address in the URL is checked although no name is resolved', async () => {
  const { asked, port } = await service();
  const client = new HttpClient(() => false);
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::1]']) {
    await expect(sent(client, `http://${host}:${port}`), host).rejects.toThrow('is no address that may be called');
  }
  expect(asked).toEqual([]);
});
