import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge'];

/** The Chromium of `TIDINGS_CHROMIUM`, or the first that the PATH has; playwright's own search where it has none. */
export async function launchChromium(): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const args = ['--no-sandbox'];
  for (const executablePath of [process.env.TIDINGS_CHROMIUM, ...candidates]) {
    if (executablePath && (await exists(executablePath))) return chromium.launch({ executablePath, args });
  }
  return chromium.launch({ channel: 'chrome', args });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
