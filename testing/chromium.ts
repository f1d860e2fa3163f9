import { type Browser, chromium } from 'playwright-core';
import { inject } from 'vitest';
import { askAt } from './door.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    chromiumDoor: number;
  }
}

/**
 * Connects to the Chromium of this run. Others connect to it too: each has contexts of its own, which end as it is closed here.
 * @throws Error with what to install, where this machine has no Chromium
 */
export const connectChromium = async (): Promise<Browser> => chromium.connect(await askAt(inject('chromiumDoor')));
