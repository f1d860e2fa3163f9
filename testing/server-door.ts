import type { BuiltServer } from './built-server.ts';
import { openDoor } from './door.ts';

/** Builds the server's programs at the first request of a run, for the test files that start some. */
export default async function setup(): Promise<() => void> {
  let built: Promise<BuiltServer> | undefined;
  const door = await openDoor(async () => {
    // Loaded when asked for: most runs of a few files start no process.
    built ??= import('./built-server.ts').then(({ buildServer }) => buildServer());
    return JSON.stringify(await built);
  });
  process.env.TIDINGS_SERVER_DOOR = String(door.port);
  return () => door.close();
}
