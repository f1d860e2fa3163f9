import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge'];
const policy = "default-src 'none'; script-src 'self'; img-src data:; base-uri 'none'";

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The Chromium of `TIDINGS_CHROMIUM`, or the first that the PATH has; playwright's own search where it has none. */
async function findChromium(): Promise<{ executablePath?: string; channel?: string }> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  for (const path of [process.env.TIDINGS_CHROMIUM, ...candidates]) {
    if (path && (await isThere(path))) return { executablePath: path };
  }
  return { channel: 'chrome' };
}

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['tidings-source', 'browser', 'module', 'production'] },
    build: {
      write: false,
      minify: false,
      target: 'es2024',
      rolldownOptions: { input: fileURLToPath(new URL('./entry.ts', import.meta.url)) },
    },
  });
  const [output] = [result].flat();
  if (!output || !('output' in output)) throw new Error('vite gave no bundle of the elements');
  return output.output[0].code;
}

/** One browser with the elements in it, for the tests of one file. */
export class ElementsBrowser {
  readonly #browser: Browser;
  readonly #script: string;

  constructor(browser: Browser, script: string) {
    this.#browser = browser;
    this.#script = script;
  }

  static async launch(): Promise<ElementsBrowser> {
    const [script, found] = await Promise.all([bundle(), findChromium()]);
    return new ElementsBrowser(await chromium.launch({ ...found, args: ['--no-sandbox'] }), script);
  }

  /**
   * A page with these elements in it, each with the page's `fake` as its client, under a policy that forbids inline styles and scripts.
   * What the page complains of is in `complaints`. The clock stands still until a test moves it.
   */
  async open(body: string, context?: BrowserContext): Promise<{ page: Page; complaints: string[] }> {
    const owner = context ?? (await this.#browser.newContext());
    const page = await owner.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await owner.route('http://localhost/**', (route) =>
      route.request().url().endsWith('/elements.js')
        ? route.fulfill({ contentType: 'text/javascript', body: this.#script })
        : route.fulfill({
            contentType: 'text/html',
            headers: { 'content-security-policy': policy },
            body: `<!doctype html><html lang="en"><link rel="icon" href="data:,"><body>`,
          }),
    );
    await page.clock.install({ time: new Date('2026-03-02T10:00:00Z') });
    await page.goto('http://localhost/app/page');
    await page.clock.pauseAt(new Date('2026-03-02T10:00:01Z'));
    await page.addScriptTag({ url: '/elements.js', type: 'module' });
    await page.evaluate((content) => {
      document.body.innerHTML = content;
      for (const one of document.body.children) Object.assign(one, { client: window.fake });
    }, body);
    return { page, complaints };
  }

  newContext(): Promise<BrowserContext> {
    return this.#browser.newContext();
  }

  /** Closes every page that was opened. */
  async closePages(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
