import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import open from 'open';

/** The place where the demo was started, as far as it says whether a browser can be opened there. */
export interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** True if a person reads what is printed. */
  readonly isTerminal: boolean;
}

/** Commands by which Linux opens a page, one of which a desktop has. */
const openers = ['sensible-browser', 'x-www-browser', 'firefox', 'chromium', 'google-chrome', 'gio', 'kde-open'];

/** The reason why no browser can be opened here, as an end of a sentence; null if one can. */
export async function noBrowser({ platform, environment, isTerminal }: Desktop): Promise<string | null> {
  if (!isTerminal || environment.CI) return 'nobody is at a terminal';
  if (environment.SSH_CONNECTION || environment.SSH_TTY) return 'this terminal is on another machine (ssh)';
  if (platform === 'darwin' || platform === 'win32' || environment.WSL_DISTRO_NAME) return null;
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return 'this machine has no desktop (DISPLAY is not set)';
  if (environment.BROWSER) return null;
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  const files = openers.flatMap((command) => folders.map((folder) => join(folder, command)));
  const found = await Promise.all(files.map(isExecutable));
  return found.includes(true) ? null : 'no browser was found (BROWSER is not set)';
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Opens a page in the person's browser, and says what was done about it, as one sentence. Never throws. */
export async function openBrowser(url: string, desktop: Desktop): Promise<string> {
  const reason = await noBrowser(desktop);
  if (reason !== null) return `No browser was opened, since ${reason}: open ${url} yourself.`;
  try {
    const opener = await open(url);
    opener.on('error', () => {});
    return 'Opened in your browser; --no-open leaves that out.';
  } catch (error) {
    return `The browser does not open (${error instanceof Error ? error.message : error}): open ${url} yourself.`;
  }
}
