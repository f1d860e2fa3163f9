import type { TestProject } from 'vitest/node';
import { openDoor } from '../../../../testing/door.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    elementsDoor: number;
    scriptsDoor: number;
  }
}

/** Serves the bundles of the sources to test pages: each is built once for a whole run, at its first request. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  let elements: Promise<string> | undefined;
  let scripts: Promise<string> | undefined;
  const doors = [
    await openDoor(() => {
      elements ??= bundleElements();
      return elements;
    }),
    await openDoor(() => {
      scripts ??= bundleScripts();
      return scripts;
    }),
  ] as const;
  provide('elementsDoor', doors[0].port);
  provide('scriptsDoor', doors[1].port);
  return () => {
    for (const door of doors) door.close();
  };
}

// Loaded when asked for: most runs of a few files bundle nothing.
const bundleElements = async () => (await import('../elements/testing/bundle.ts')).bundleElements();
const bundleScripts = async () => JSON.stringify(await (await import('./bundles.ts')).bundleScripts());
