import { Webhook } from 'standardwebhooks';

/** Signs what is posted (Standard Webhooks 1.0). */
export class Signature {
  readonly #webhook: Webhook;

  /** @param secret `whsec_` and base64 */
  constructor(secret: string) {
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
