import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { faultsOf } from '../../../scripts/axe.js';
import { DemoInBrowser } from './testing/demo-in-browser.ts';
import { DemoProcess } from './testing/demo-process.ts';

// A browser takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let demo: DemoProcess;
let contexts: BrowserContext[] = [];
let complaints: string[] = [];

beforeAll(async () => {
  [browser, demo] = await Promise.all([DemoInBrowser.launch(), DemoProcess.start()]);
});
afterAll(async () => {
  await demo.close();
  await browser.close();
});
beforeEach(() => {
  [contexts, complaints] = [[], []];
});
afterEach(async () => {
  for (const context of contexts) await context.close();
});

/** A note, open in a browser of somebody's own. */
class Desk {
  readonly page: Page;
  readonly text;
  readonly status;

  private constructor(page: Page) {
    this.page = page;
    this.text = page.getByRole('textbox', { name: /^Text of/ });
    this.status = page.locator('.note-status');
  }

  static async open(person: string, note = 'november-close'): Promise<Desk> {
    const context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
    context.setDefaultTimeout(25_000);
    contexts.push(context);
    await context.request.post(`${demo.url}/sign-in/${person}`);
    const page = await context.newPage();
    page.on('console', (line) => /error|warning/.test(line.type()) && complaints.push(line.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${demo.url}/#notes/${note}`);
    const desk = new Desk(page);
    await desk.says(/^(Saved|You can read this note\.)$/);
    return desk;
  }

  says(sentence: string | RegExp): Promise<void> {
    return this.status.filter({ hasText: sentence }).waitFor();
  }

  /** The lines, without the names of others at their cursors. */
  lines(): Promise<string[]> {
    return this.page.locator('.cm-line').evaluateAll((lines) =>
      lines.map((line) => {
        const copy = line.cloneNode(true);
        for (const caret of copy.querySelectorAll('.cm-ySelectionCaret')) caret.remove();
        return copy.textContent ?? '';
      }),
    );
  }

  async write(words: string): Promise<void> {
    await this.page.bringToFront();
    await this.text.focus();
    await this.page.keyboard.press('Control+End');
    await this.page.keyboard.type(words);
  }

  shows(line: string): Promise<void> {
    return expect.poll(() => this.lines()).toContain(line);
  }

  cursors(): Promise<string[]> {
    return this.page.locator('.cm-ySelectionInfo').allTextContents();
  }

  versions(): Promise<string[]> {
    return this.page.locator('.note-version strong').allTextContents();
  }

  async saveVersion(name: string): Promise<void> {
    await this.page.bringToFront();
    await this.page.getByLabel('Name of the version').fill(name);
    await this.page.getByRole('button', { name: 'Save version' }).click();
  }

  /** Presses a button of a version. */
  async press(label: string, name: string): Promise<void> {
    await this.page.bringToFront();
    const title = this.page.locator('strong').getByText(name, { exact: true });
    await this.page.locator('.note-version-row', { has: title }).getByRole('button', { name: label }).click();
  }

  people(): Promise<string[]> {
    return this.page.getByRole('list', { name: 'In this note' }).locator('.spoken').allTextContents();
  }
}

test('two people write in one note, and each sees the other, by name and cursor', async () => {
  const [maria, tom] = await Promise.all([Desk.open('maria'), Desk.open('tom')]);
  await expect.poll(() => maria.people()).toEqual(['Maria Chen (you)', 'Tom Okafor']);
  await maria.write('\nMaria: accruals are in');
  await tom.shows('Maria: accruals are in');
  await expect.poll(() => tom.cursors()).toEqual(['Maria Chen']);

  await tom.page.bringToFront();
  await tom.text.focus();
  await tom.page.keyboard.press('Control+Home');
  await tom.page.keyboard.type('Tom: ');
  await tom.page.keyboard.press('Shift+End');
  await maria.shows('Tom: Agenda');
  await expect.poll(() => maria.cursors()).toEqual(['Tom Okafor']);
  const selected = maria.page.locator('.cm-ySelection');
  await expect.poll(() => selected.allTextContents()).toContain('Agenda');
  expect(await selected.first().getAttribute('style')).toMatch(/var\(--writer-4-light\)/);
  // Undo takes back one's own words only.
  await tom.page.keyboard.press('Control+z');
  await maria.shows('Agenda');
  await maria.shows('Maria: accruals are in');
  for (const { page } of [maria, tom]) await page.emulateMedia({ colorScheme: page === tom.page ? 'dark' : 'light' });
  for (const { page } of [maria, tom]) expect(await faultsOf(page)).toEqual([]);

  await tom.page.locator('.views a', { hasText: 'Inbox' }).click();
  await expect.poll(() => maria.people()).toEqual(['Maria Chen (you)']);
  await expect.poll(() => maria.cursors()).toEqual([]);
  expect(complaints).toEqual([]);
});

test('a reader sees all of it, is seen, and cannot type', async () => {
  const [priya, alex] = await Promise.all([Desk.open('priya'), Desk.open('amadmin')]);
  await expect.poll(() => priya.people()).toEqual(['Priya Raman (you)', 'Alex Morgan']);
  await priya.write('\nPriya: signed');
  await alex.shows('Priya: signed');
  const before = await alex.lines();
  await alex.write('not for me to say');
  await alex.page.keyboard.press('Delete');
  expect(await alex.text.getAttribute('aria-readonly')).toBe('true');
  await priya.write(', and sent');
  await alex.shows('Priya: signed, and sent');
  expect(await alex.lines()).toEqual([...before.slice(0, -1), 'Priya: signed, and sent']);
  expect(complaints).toEqual([]);
});

test('a version that one names is in the other window at once, is looked at, and is brought back for both', async () => {
  const [maria, tom, alex] = await Promise.all([Desk.open('maria'), Desk.open('tom'), Desk.open('amadmin')]);
  const before = await maria.lines();
  await maria.saveVersion('Before the review');
  await expect.poll(() => tom.versions()).toEqual(['Before the review']);
  await expect.poll(() => alex.versions()).toEqual(['Before the review']);
  await tom.write('\nTom: not what we agreed');
  await maria.shows('Tom: not what we agreed');
  await maria.press('Restore', 'Before the review');
  await expect.poll(() => tom.lines()).toEqual(before);
  await expect.poll(() => tom.versions()).toEqual(['Before restore of Before the review', 'Before the review']);
  await tom.press('Show', 'Before restore of Before the review');
  await tom.page.locator('.note-version-text', { hasText: 'Tom: not what we agreed' }).waitFor();
  for (const { page } of [maria, tom]) expect(await faultsOf(page)).toEqual([]);
  for (const name of await tom.versions()) await tom.press('Delete', name);
  await expect.poll(() => maria.versions()).toEqual([]);
  expect(await alex.page.getByRole('button', { name: /Restore|Delete|Save version/ }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('what is written without a network stays in the window, and both texts are one afterwards', async () => {
  const [maria, tom] = await Promise.all([Desk.open('maria', 'november-close'), Desk.open('tom')]);
  await maria.page.context().setOffline(true);
  await maria.write('\nMaria, on the train');
  await maria.says('Offline: your changes are kept in this window');
  await tom.write('\nTom, meanwhile');
  await tom.says('Saved');
  expect(await maria.lines()).not.toContain('Tom, meanwhile');
  await maria.page.context().setOffline(false);
  await maria.says('Saved');
  await tom.shows('Maria, on the train');
  await maria.shows('Tom, meanwhile');
  expect(await maria.lines()).toEqual(await tom.lines());
});

test('a server that is killed loses nothing that somebody else was shown, and gets what was written meanwhile', async () => {
  const [maria, tom] = await Promise.all([Desk.open('maria'), Desk.open('tom')]);
  await maria.write('\nwritten before');
  await tom.shows('written before');
  await demo.kill();
  await maria.write(', and in between');
  await maria.says('Offline: your changes are kept in this window');
  await demo.start();
  await maria.says('Saved');
  await tom.shows('written before, and in between');
  const priya = await Desk.open('priya');
  await priya.shows('written before, and in between');
  expect(await priya.lines()).toEqual(await maria.lines());
});
