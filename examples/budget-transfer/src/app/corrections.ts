import type { Tidings } from '@tidings/server';
import { type Route, sendJson } from './http.ts';

/** The number of lines that one request corrects. */
const storm = 25;

/**
 * `POST /corrections`: the ledger team corrects 25 lines, and the caller is notified of each. Since all share a collapse key, they
 * are one notification, which counts them, until it is read.
 */
export function correctionRoutes(tidings: Tidings): Route[] {
  /** Lines of the period so far, by user. */
  const corrected = new Map<string, number>();

  async function correctOne(user: string): Promise<void> {
    const lines = (corrected.get(user) ?? 0) + 1;
    corrected.set(user, lines);
    await tidings.notify({
      to: { user },
      title: lines === 1 ? '1 line corrected' : `${lines} lines corrected`,
      message: 'The ledger team moved them to the cost centers that are open in Nov-26.',
      category: 'transfers',
      collapse_key: 'corrections Nov-26',
    });
  }

  return [
    {
      method: 'POST',
      path: /^\/corrections$/,
      async answer({ response, person }) {
        for (let line = 0; line < storm; line++) await correctOne(person.id);
        sendJson(response, 200, { lines: storm });
      },
    },
  ];
}
