import assert from 'node:assert/strict';
import { request } from 'node:http';

/** A request as it goes out; the path and the headers may hold what no library would send. */
export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

export interface Answer {
  status: number;
  type: string;
  text: string;
}

/** The longest time that an answer is read for, ms; a stream or a poll may last. */
const longest = 2_000;

/** Sends a request, and reads its answer. A stream is read for a moment. */
export function exchange(url: string, { method, path, headers, body }: Sent): Promise<Answer> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ port, hostname, method, path, headers, agent: false });
    const timer = setTimeout(() => sent.destroy(new Error(`no answer to ${method} ${path}`)), 20_000);
    sent.once('error', reject);
    sent.once('close', () => clearTimeout(timer));
    sent.once('response', (response) => {
      const { statusCode: status = 0, headers: got } = response;
      let text = '';
      const done = () => {
        clearTimeout(late);
        resolve({ status, type: got['content-type'] ?? '', text });
      };
      const late = setTimeout(() => {
        done();
        sent.destroy();
      }, longest);
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (got['content-type'] !== 'text/event-stream') return;
        done();
        sent.destroy();
      });
      response.once('end', done);
      response.once('error', done);
    });
    sent.end(body);
  });
}

/** Statuses beyond 499 that are documented: it cannot be said now, or there is no room on the disk. */
const documented = [503, 507];

/** Throws unless an answer is one that every call may have. */
export function checkAnswer({ status, type, text }: Answer): void {
  assert.ok(status < 500 || documented.includes(status), `status ${status}: ${text}`);
  assert.doesNotMatch(text, /node_modules|\.ts:\d+|SQLITE_|at Object\./);
  // A head that Node cannot read is answered by Node.
  if (status < 400 || (text === '' && [400, 417, 431].includes(status))) return;
  assert.match(type, /^application\/problem\+json/, `status ${status}: ${text}`);
  if (text === '') return;
  const problem = JSON.parse(text) as Record<string, unknown>;
  assert.equal(problem.status, status);
  for (const name of ['code', 'message', 'detail', 'docs_url', 'title'])
    assert.equal(typeof problem[name], 'string', name);
  assert.ok(String(problem.message).length < 1_000, `the message has ${String(problem.message).length} characters`);
}
