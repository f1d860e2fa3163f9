import { endpointSource } from './config/endpoint.ts';
import { type HttpOptions, httpPort } from './http/http-port.ts';
import type { SenderLogger } from './never-throw.ts';
import type { Sender } from './sender.ts';
import { createSenderOver } from './sender-api.ts';

export interface SenderOptions extends HttpOptions {
  /** Gets the reason why a function that does not throw failed. Default: `console`. */
  logger?: SenderLogger;
}

/**
 * A sender over HTTP.
 *
 * @throws TidingsError if neither options, environment nor `.tidings/dev.json` name a server
 */
export function createSender(options: SenderOptions = {}): Sender {
  const endpoint = endpointSource(options);
  endpoint.current();
  return createSenderOver(httpPort(options, endpoint), { logger: options.logger });
}
