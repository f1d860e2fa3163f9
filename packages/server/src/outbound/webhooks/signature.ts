import { TidingsError } from '@tidings/protocol';
import { Webhook } from 'standardwebhooks';

const prefix = 'whsec_';

/** True if a text is such a secret: 24 to 64 bytes. */
function isCallbackSecret(text: string): boolean {
  const given = text.slice(prefix.length);
  const bytes = Buffer.from(given, 'base64');
  return text.startsWith(prefix) && bytes.toString('base64') === given && bytes.length >= 24 && bytes.length <= 64;
}

/** Signs what is posted (Standard Webhooks 1.0). */
export class Signature {
  readonly #webhook: Webhook;

  /** Throws `bad_request` if the secret is none. The secret is not repeated in the error: it may nearly be one. */
  constructor(secret: string) {
    if (!isCallbackSecret(secret)) {
      throw new TidingsError(
        'bad_request',
        'callbacks.secret (--callback-secret) must be whsec_ and 24 to 64 bytes in base64',
      );
    }
    this.#webhook = new Webhook(secret);
  }

  /** @param at epoch milliseconds */
  headers(id: string, body: string, at: number): Record<string, string> {
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': this.#webhook.sign(id, new Date(at), body),
    };
  }
}
