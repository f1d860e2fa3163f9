import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { hangUp, notFound } from './hang-up.ts';
import type { HttpTransport } from './http/http-transport.ts';
import { asksForWebSocket, type WebSocketTransport } from './websocket/websocket-transport.ts';

/** The paths that are ours on an application's server. */
const ours = /^\/(api\/v1\/|tidings(-[a-z]+)?\.js(\?|$)|test([/?]|$))/;
const documents = /^\/(docs([/?]|$)|(openapi|asyncapi)\.json(\?|$))/;

export interface AttachOptions {
  /** Serves `/docs`, `/openapi.json` and `/asyncapi.json` too. Default false: an application may have its own there. */
  documents?: boolean;
}

/** Answers our paths on an application's server, and leaves the others to it. Returns what undoes it. */
export function serveBeside(
  server: Server,
  { sockets, http }: { sockets: WebSocketTransport; http: HttpTransport },
  options: AttachOptions = {},
): () => void {
  const isOurs = (url: string): boolean => ours.test(url) || (options.documents === true && documents.test(url));
  const others = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (isOurs(request.url ?? '') || sockets.handles(request)) http.handle(request, response);
    else for (const listener of others) listener.call(server, request, response as never);
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, first: Buffer): void => {
    if (sockets.handles(request)) sockets.upgrade(request, socket, first);
    else if (server.listenerCount('upgrade') === 1) hangUp(socket, notFound);
  };
  const onConnection = (socket: Socket): void => sockets.connected(socket);
  server.on('connection', onConnection);
  server.on('request', onRequest);
  server.on('upgrade', onUpgrade);
  const undo = leaveRequests(server);
  return () => {
    undo();
    server.off('connection', onConnection);
    server.off('request', onRequest);
    server.off('upgrade', onUpgrade);
    for (const listener of others) server.on('request', listener);
  };
}

/** A server of Node from 24.9 on. */
interface Upgrading extends Server {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
}

/**
 * Leaves a request for another upgrade than ours a request, as it was before we listened, if nobody else listens for upgrades. Returns
 * what undoes it.
 */
function leaveRequests(server: Upgrading): () => void {
  const before = server.shouldUpgradeCallback;
  if (!before) return () => {};
  const decide = (request: IncomingMessage): boolean =>
    asksForWebSocket(request) || (server.listenerCount('upgrade') > 1 && before.call(server, request));
  server.shouldUpgradeCallback = decide;
  return () => {
    if (server.shouldUpgradeCallback === decide) server.shouldUpgradeCallback = before;
  };
}
