import type { SystemHealth } from '@tidings/protocol';
import { expect, vi } from 'vitest';
import { apiKey } from './running-server.ts';

/** Reads a server's health as a back end does. */
export async function healthAt(url: string): Promise<SystemHealth> {
  const response = await fetch(`${url}/api/v1/health`, { headers: { authorization: `Bearer ${apiKey}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as SystemHealth;
}

/** Polls until a check holds. Tests of one file that run at once have no `expect.poll`. */
export const holds = (check: () => void | Promise<void>, timeout = 20_000) =>
  vi.waitFor(check, { timeout, interval: 100 });

/** Waits until the health of a server is so. */
export const shows = (url: string, expected: object, timeout = 15_000) =>
  holds(async () => expect(await healthAt(url)).toMatchObject(expected), timeout);
