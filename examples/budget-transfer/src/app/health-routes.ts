import { Refusal, type Route, sendJson } from './http.ts';
import { maySeeHealth } from './people.ts';

/** The time for which the process is blocked, how often, and the time from one begin to the next, ms. */
const [blockedMs, times, everyMs] = [800, 10, 1_000];

/** A route that keeps the server busy for some seconds, for an administrator who wants to see an incident. */
export function healthRoutes(): Route[] {
  let underWay: Promise<void> | null = null;
  return [
    {
      method: 'POST',
      path: /^\/busy$/,
      async answer({ response, person }) {
        if (!maySeeHealth(person)) throw new Refusal(403, 'An administrator may keep the server busy.');
        underWay ??= beBusy().finally(() => {
          underWay = null;
        });
        await underWay;
        sendJson(response, 200, { seconds: (times * everyMs) / 1_000 });
      },
    },
  ];
}

/** Computes without a pause, as a handler that is badly written would. */
async function beBusy(): Promise<void> {
  for (let time = 0; time < times; time++) {
    const end = performance.now() + blockedMs;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, everyMs - blockedMs));
  }
}
