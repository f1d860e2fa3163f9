import { type Demo, startDemo } from './demo.ts';
import { openBrowser } from './open-browser.ts';
import { readyText } from './ready-text.ts';
import { readSettings, type Settings, usage } from './settings.ts';

function fail(error: unknown, exitCode: number, advice = ''): never {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${advice}`);
  process.exit(exitCode);
}

function settings(): Settings {
  try {
    return readSettings(process.argv.slice(2), process.env);
  } catch (error) {
    return fail(error, 2, `\n${usage}\n`);
  }
}

/** A signal that comes so soon after another is the same Ctrl-C, told by the terminal and by a parent process. */
const sameSignalMs = 500;

/** The first signal ends what runs; a second one does not wait for that. */
function closeOnSignal(demo: Demo): void {
  let firstAt: number | undefined;
  const end = () => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > sameSignalMs) process.exit(130);
      return;
    }
    firstAt = performance.now();
    process.stdout.write('\nStopping …\n');
    demo.close().then(
      () => process.exit(0),
      (error) => fail(error, 1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
}

if (process.argv.includes('--help')) {
  process.stdout.write(`${usage}\n`);
} else {
  const { open, ...options } = settings();
  const demo = await startDemo({ ...options, folder: process.cwd() }).catch((error) => fail(error, 1));
  closeOnSignal(demo);
  process.stdout.write(readyText(demo, options.erp ? 'remote' : 'simulator'));
  if (open) {
    const { platform, env: environment, stdout } = process;
    process.stdout.write(
      `  ${await openBrowser(demo.url, { platform, environment, isTerminal: stdout.isTTY === true })}\n\n`,
    );
  }
}
