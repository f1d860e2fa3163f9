#!/usr/bin/env bash
# Wrappers that open a WebSocket again, in Node 24, after the server has closed it with a code (ws 8.18.3 as server and socket).
# reconnecting-websocket 4.4.0, partysocket 1.3.0, websocket-ts 2.3.0 and pws 7.0.0 come back after every code: after 1000, and
# after 4401 too, by which applications say that the token is refused. sockette 2.0.6 comes back after 4401 and 1012 as well, but
# after 1001 never: for it a server that says "going away", as many do on a restart, is gone for good.
# Fails where that is not so any more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund ws@8.18.3 reconnecting-websocket@4.4.0 partysocket@1.3.0 \
  websocket-ts@2.3.0 pws@7.0.0 sockette@2.0.6 > /dev/null

# Closes the first connection with the code, and prints whether a second one comes within 4 s.
cat > try.mjs <<'JS'
import { createRequire } from 'node:module';
import { WebSocket, WebSocketServer } from 'ws';

const require = createRequire(import.meta.url);
globalThis.WebSocket = WebSocket;
const delays = { WebSocket, minReconnectionDelay: 100, maxReconnectionDelay: 200 };
const wrappers = {
  'reconnecting-websocket': (url) => new (require('reconnecting-websocket'))(url, [], delays),
  partysocket: async (url) => new (await import('partysocket')).WebSocket(url, [], delays),
  'websocket-ts': (url) => {
    const { ConstantBackoff, WebsocketBuilder } = require('websocket-ts');
    return new WebsocketBuilder(url).withBackoff(new ConstantBackoff(100)).build();
  },
  pws: async (url) => new (await import('pws')).default(url, WebSocket, { maxTimeout: 200 }),
  sockette: (url) => require('sockette')(url, { timeout: 100, maxAttempts: 5 }),
};
const [name, code] = process.argv.slice(2);
let connections = 0;
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket) => {
  connections += 1;
  if (connections === 1) setTimeout(() => socket.close(Number(code), 'x'), 100);
});
server.on('listening', async () => {
  await wrappers[name](`ws://127.0.0.1:${server.address().port}/`);
  setTimeout(() => {
    console.log(connections > 1 ? 'comes back' : 'stays away');
    process.exit();
  }, 4_000);
});
JS

check() { # wrapper, code, what is expected
  local seen
  seen=$(node try.mjs "$1" "$2")
  echo "$1, closed with $2: $seen"
  [ "$seen" = "$3" ]
}
for wrapper in reconnecting-websocket partysocket websocket-ts pws; do
  for code in 1000 1001 1012 4401; do check "$wrapper" "$code" 'comes back'; done
done
check sockette 1000 'stays away'
check sockette 1001 'stays away'
check sockette 1012 'comes back'
check sockette 4401 'comes back'
