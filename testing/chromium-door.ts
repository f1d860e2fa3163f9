import type { BrowserServer } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { requireProgram } from '../scripts/system-programs.js';
import { openDoor } from './door.ts';

/** One Chromium for a whole run of tests, started when the first of them asks for it. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  let running: Promise<BrowserServer> | undefined;
  const door = await openDoor(async () => {
    running ??= launch();
    return (await running).wsEndpoint();
  });
  provide('chromiumDoor', door.port);
  return async () => {
    door.close();
    await (await running?.catch(() => undefined))?.close();
  };
}

/** @throws Error with what to install, where this machine has no Chromium */
async function launch(): Promise<BrowserServer> {
  // Loaded when asked for: most runs of a few files open no page.
  const { chromium } = await import('playwright-core');
  return chromium.launchServer({
    executablePath: requireProgram('chromium-headless-shell'),
    args: ['--no-sandbox'],
    host: '127.0.0.1',
  });
}
