import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HttpClient } from './http-client.ts';

let server: Server;
afterEach(() => server.close());

test.each(['in one piece', 'in chunks', 'empty, in chunks'])('reads answers %s, one after the other', async (form) => {
  server = createServer((request, response) => {
    request.on('data', async (body) => {
      if (form === 'in one piece') return response.end(body);
      response.flushHeaders();
      if (form === 'in chunks') for (const part of [body, 'x'.repeat(70_000), body]) response.write(part);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = await HttpClient.open(`http://127.0.0.1:${port}`, '/', {});
  for (const word of ['one', 'two', 'three']) {
    const chunked = form === 'in chunks' ? `${word}${'x'.repeat(70_000)}${word}` : '';
    expect(await client.post(word)).toEqual({ status: 200, body: form === 'in one piece' ? word : chunked });
  }
  client.close();
});
