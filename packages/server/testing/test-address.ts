import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';

/** An address on loopback that answers as a test has it, and counts how often it was asked. */
export class TestAddress {
  asked = 0;
  readonly url: string;
  readonly #server: Server;
  #answer: RequestListener;

  private constructor(server: Server, answer: RequestListener) {
    this.#server = server;
    this.#answer = answer;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}/here`;
    server.on('request', (request, response) => {
      this.asked++;
      this.#answer(request, response);
    });
  }

  static async open(answer: RequestListener): Promise<TestAddress> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestAddress(server, answer);
  }

  /** Answers in this way from now on. */
  becomes(answer: RequestListener): void {
    this.#answer = answer;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Answers with a status and a body. */
export const answers =
  (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

export const answersJson = (body: unknown, status = 200): RequestListener =>
  answers(status, JSON.stringify(body), { 'content-type': 'application/json' });

/** Blanks, as long as anybody takes them. */
function endless(response: ServerResponse): void {
  const blanks = Buffer.alloc(65_536, ' ');
  const write = (): void => {
    while (!response.destroyed && response.write(blanks));
  };
  response.on('drain', write);
  write();
}

/** Answers of addresses that are not well, by name. */
export const outages: Record<string, RequestListener> = {
  'answers 500': answers(500, 'Internal Server Error'),
  'answers 502 with HTML': answers(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' }),
  'answers 404': answers(404, '{}', { 'content-type': 'application/json' }),
  'answers 429': answers(429),
  'redirects to a login page': answers(302, '', { location: '/login' }),
  'answers a login page': answers(200, '<html>Sign in</html>', { 'content-type': 'text/html' }),
  'answers 204': answers(204),
  'answers nothing': () => {},
  'begins an answer': (_request, response) => void response.writeHead(200, { 'content-length': 50 }).write('{'),
  'never ends': (_request, response) => endless(response),
  'cuts the connection': (request) => void request.socket.destroy(),
  'answers null': answersJson(null),
  'answers an empty object': answersJson({}),
  'answers a list': answersJson([]),
};
