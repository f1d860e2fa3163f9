import { isUtf8 } from 'node:buffer';
import { TidingsError } from '@tidings/protocol';
import { jsonFault } from '@tidings/protocol/schemas';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Callers } from './callers.ts';

/** Reads bodies as JSON in UTF-8, and refuses all that would be changed by being read. An empty one counts as none. */
export function readJsonBodies(app: FastifyInstance, callers: Pick<Callers, 'bodyRead'>): void {
  boundPieces(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      checkEncoding(request);
      callers.bodyRead(request.raw, bytes.length);
      done(null, bytes.length === 0 ? undefined : readJson(bytes));
    } catch (error) {
      done(error as TidingsError);
    }
  });
}

/** The most pieces in which a body may come: of the largest one, 64 bytes each. */
const mostPieces = 16_384;

/** Ends a connection whose body comes in ever smaller chunks: each costs more than many bytes do. */
function boundPieces(app: FastifyInstance): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    let pieces = 0;
    if (request.headers['transfer-encoding'] !== undefined) {
      payload.on('data', () => {
        if (++pieces > mostPieces)
          request.raw.destroy(bad(`a body may come in ${mostPieces} chunks; send larger ones`));
      });
    }
    done(null, payload);
  });
}

/** Only JSON as it is: what is compressed, or in another charset, is refused by name. */
function checkEncoding({ headers }: FastifyRequest): void {
  const coding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  if (coding !== 'identity') {
    throw unsupported(`Content-Encoding: ${quoted(coding)} is not read here; send the body as it is`);
  }
  const charset = /;\s*charset\s*=\s*"?([^";]*)/i.exec(headers['content-type'] ?? '')?.[1]?.trim();
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw unsupported(`JSON is read as UTF-8 here; got the charset ${quoted(charset)}`);
  }
}

function readJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw bad('the body must be UTF-8; this one has bytes that are none');
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const body = parse(text);
  // No call takes it, and frameworks treat it like a body that was left out.
  if (body === null) throw bad('the body is null; send an object, or no body where none is needed');
  const fault = jsonFault(text, body, 'the body');
  if (fault) throw bad(fault.message, fault.index);
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bad(`the body cannot be read: it is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 60));
const bad = (message: string, index?: number): TidingsError => new TidingsError('bad_request', message, { index });
const unsupported = (message: string): TidingsError => new TidingsError('unsupported_media_type', message);
