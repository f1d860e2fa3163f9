import type { IncomingMessage } from 'node:http';
import { HttpFailure } from './http-failure.ts';

const largestBytes = 32 * 1024 * 1024;

/** The JSON body of a request whose type is one of `contentTypes`. */
export async function readJson(request: IncomingMessage, contentTypes: readonly string[]): Promise<unknown> {
  const contentType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!contentTypes.includes(contentType)) {
    throw new HttpFailure(415, `Expected content type ${contentTypes.join(' or ')}, got ${contentType || 'none'}.`);
  }
  const tooLarge = new HttpFailure(413, `Expected at most ${largestBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > largestBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largestBytes) throw tooLarge;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpFailure(400, 'The request payload could not be parsed.', '27521');
  }
}
