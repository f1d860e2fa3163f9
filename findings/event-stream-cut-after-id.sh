#!/usr/bin/env bash
# Server-Sent Events, cut inside an event behind its id: by the standard (WHATWG HTML, 9.2.6) an event that is not finished is
# dropped, and its id with it, so that the client asks for it again. eventsource 4.1.1 (npm) does so. @microsoft/fetch-event-source
# 2.0.1 (npm) and r3labs/sse 2.10.0 (Go) come back with the id of the event that they have not got whole: a server that
# resumes behind it never sends it again. r3labs/sse gives the part that came to its caller as an event. Where the id is sent
# behind the data, all three ask for the event again.
# Fails where that is not so any more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund eventsource@4.1.1 @microsoft/fetch-event-source@2.0.1 > /dev/null

# Prints the Last-Event-ID of the second request.
cat > server.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
const [order, ...client] = process.argv.slice(2);
let requests = 0;
const server = createServer((request, response) => {
  requests += 1;
  if (requests > 2) return response.writeHead(204).end();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (requests === 2) {
    console.log(request.headers['last-event-id'] ?? 'none');
    running.kill('SIGKILL');
    process.exit();
  }
  response.write('retry: 100\nid: 1\ndata: one\n\n');
  setTimeout(() => response.write(order === 'before' ? 'id: 2\ndata: tw' : 'data: tw', () => setTimeout(() => response.socket.destroy(), 200)), 200);
});
let running;
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  running = spawn(client[0], [...client.slice(1), url], { stdio: ['ignore', 'ignore', 'ignore'] });
});
setTimeout(() => process.exit(1), 30_000);
JS
cat > eventsource.mjs <<'JS'
import { EventSource } from 'eventsource';
new EventSource(process.argv[2]);
setInterval(() => {}, 1_000);
JS
cat > fetch-event-source.mjs <<'JS'
import { createRequire } from 'node:module';
// Its second build is for require(); it reads `document` and `window` unless it is told to go on when hidden.
globalThis.document ??= { hidden: false, addEventListener() {}, removeEventListener() {} };
globalThis.window ??= globalThis;
const { fetchEventSource } = createRequire(import.meta.url)('@microsoft/fetch-event-source');
fetchEventSource(process.argv[2], { openWhenHidden: true, onmessage() {}, onclose() { throw new Error('again'); } });
setInterval(() => {}, 1_000);
JS
mkdir r3labs && cd r3labs
cat > go.mod <<'MOD'
module trial
go 1.21
require github.com/r3labs/sse/v2 v2.10.0
MOD
cat > main.go <<'GO'
package main

import (
	"os"
	"time"

	"github.com/r3labs/sse/v2"
)

func main() {
	client := sse.NewClient(os.Args[1])
	for {
		// It returns nil where a connection has ended.
		_ = client.SubscribeRaw(func(*sse.Event) {})
		time.Sleep(100 * time.Millisecond)
	}
}
GO
go mod tidy > /dev/null 2>&1
go build -o ../r3labs-sse .
cd ..

failed=0
expect() { # order, what is expected, program
  local order=$1 expected=$2
  shift 2
  local seen
  seen=$(node server.mjs "$order" "$@")
  echo "id $order the data, $(basename "${@: -1}"): the second request asks from $seen"
  [ "$seen" = "$expected" ] || failed=1
}
expect before 1 node eventsource.mjs
expect before 2 node fetch-event-source.mjs
expect before 2 ./r3labs-sse
expect behind 1 node eventsource.mjs
expect behind 1 node fetch-event-source.mjs
expect behind 1 ./r3labs-sse
[ "$failed" -eq 0 ] || { echo "one of them behaves otherwise now"; exit 1; }
