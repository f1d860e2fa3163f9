// Socket.IO as its documentation has it, with the cheapest way in that Node offers: no framework before it.
import { createSecretKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { Server } from 'socket.io';
import { apiKey, host, secret } from '../peer.ts';
import { serve } from '../serve.ts';

const key = createSecretKey(Buffer.from(secret));
const http = createServer(onRequest);
const recovery = process.argv[3] === 'recovers' ? { connectionStateRecovery: {} } : {};
const io = new Server(http, { transports: ['websocket'], ...recovery });

io.use(async (socket, next) => {
  try {
    const { payload } = await jwtVerify(String(socket.handshake.auth.token), key, { algorithms: ['HS256'] });
    await socket.join(['everyone', `user:${payload.sub}`]);
    next();
  } catch (error) {
    next(error as Error);
  }
});

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.authorization !== `Bearer ${apiKey}`) {
    response.writeHead(401, { 'Content-Length': 0 }).end();
    return;
  }
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    text += chunk;
  });
  request.on('end', () => {
    const { room, data } = JSON.parse(text) as { room: string; data: { id: string } };
    io.to(room).emit('notification', data);
    const body = JSON.stringify({ id: data.id });
    response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
}

http.listen(Number(process.argv[2]), host, () => serve((http.address() as AddressInfo).port, () => io.close()));
