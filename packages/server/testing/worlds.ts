import { afterEach } from 'vitest';
import type { Store } from '../src/domain/ports.ts';
import { World, type WorldOptions } from './world.ts';

/** Makes worlds on the store that tests share, which are ended after each test. */
export function worldsOn(store: () => Store): (options?: WorldOptions) => Promise<World> {
  let worlds: World[] = [];
  afterEach(() => {
    for (const world of worlds) {
      world.end();
    }
    worlds = [];
  });
  return async (options = {}) => {
    const world = new World(store(), options);
    world.hub.start(await store().head());
    worlds.push(world);
    return world;
  };
}
