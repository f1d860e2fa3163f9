import { endpointSource } from './config/endpoint.ts';
import { type HttpOptions, httpPort } from './http/http-port.ts';
import type { SenderLogger } from './never-throw.ts';
import type { Sender } from './sender.ts';
import { createSenderOver } from './sender-api.ts';

export interface SenderOptions extends HttpOptions {
  /** Told why a function that does not throw brought nothing. Default: `console`. */
  logger?: SenderLogger;
}

/**
 * A sender over HTTP.
 *
 * @throws TidingsError where neither options, environment nor `.tidings/dev.json` say where the server is
 */
export function createSender(options: SenderOptions = {}): Sender {
  const endpoint = endpointSource(options);
  endpoint.current();
  return createSenderOver(httpPort(options, endpoint), { logger: options.logger });
}
