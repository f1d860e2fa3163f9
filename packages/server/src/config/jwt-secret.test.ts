import { expect, it } from 'vitest';
import { createTidings } from '../server.ts';

it.each(['', 'secret', 'ä'.repeat(15)])(
  'a server is not made with a secret that can be guessed: %j',
  async (jwtSecret) => {
    const bytes = Buffer.byteLength(jwtSecret);
    const message = new RegExp(`^auth\\.jwtSecret must have at least 32 bytes, .*; this one has ${bytes}\\. `);
    await expect(createTidings({ auth: { jwtSecret } })).rejects.toMatchObject({
      ...{ code: 'bad_request', message: expect.stringMatching(message) },
    });
  },
);
