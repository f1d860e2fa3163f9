import { type Browser, chromium } from 'playwright-core';
import { requireProgram } from '../../../../scripts/system-programs.js';

/** @throws Error with what to install, where this machine has no Chromium */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: requireProgram('chromium'), args: ['--no-sandbox'] });
