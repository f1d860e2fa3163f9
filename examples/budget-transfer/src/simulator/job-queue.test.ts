import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { credit, interfaceRow, ledgerPackage, loaderPackage, SimulatorSession } from './simulator-session.ts';

let session: SimulatorSession;

beforeEach(async () => {
  session = await SimulatorSession.open();
});
afterEach(() => session.simulator.close());

describe('a job', () => {
  test('moves through its statuses with time', async () => {
    const documentId = await session.upload({ 'GlInterface.csv': interfaceRow() });
    const requestId = await session.submit(`${loaderPackage}/`.slice(1), 'InterfaceLoaderController', '15', documentId);
    const seen: unknown[] = [];
    for (const share of [0, 0.25, 0.625, 0.125]) {
      session.pass(share);
      seen.push(await session.statusOf(requestId));
    }
    expect(seen).toEqual(['READY', 'RUNNING', 'COMPLETED', 'SUCCEEDED']);
  });

  test('as launcher is PAUSED while its child runs', async () => {
    await session.load(interfaceRow(), interfaceRow(credit));
    const requestId = await session.submitImport();
    const seen: unknown[] = [];
    for (const share of [0, 0.125, 0.125, 0.25, 0.4375, 0.0625]) {
      session.pass(share);
      const { STATUS, CHILD } = await session.detailsOf(requestId);
      seen.push([STATUS, CHILD?.STATUS]);
    }
    expect(seen).toEqual([
      ['READY', undefined],
      ['RUNNING', undefined],
      ['PAUSED', 'WAIT'],
      ['PAUSED', 'RUNNING'],
      ['COMPLETED', 'SUCCEEDED'],
      ['SUCCEEDED', 'SUCCEEDED'],
    ]);
  });

  test('that another one spawned, or that nobody submitted, has an empty status', async () => {
    const requestId = await session.submitImport();
    session.pass(1);
    expect(await session.statusOf((await session.detailsOf(requestId)).CHILD?.REQUESTID ?? '')).toBe('');
    expect(await session.statusOf('1')).toBe('');
  });

  test('hands out log and output for LOG, the output alone for OUT, and neither before it wrote them', async () => {
    const requestId = await session.submitImport();
    expect(await session.filesOf(requestId, 'LOG')).toEqual({});
    session.pass(1);
    const child = (await session.detailsOf(requestId)).CHILD?.REQUESTID ?? '';
    expect(Object.keys(await session.filesOf(child, 'LOG'))).toEqual([`${child}.log`, `${child}.txt`]);
    expect(Object.keys(await session.filesOf(child, 'OUT'))).toEqual([`${child}.txt`]);
  });

  test.each([
    ['of an unknown definition', ledgerPackage, 'AutoPostJournals', ['1']],
    ['of another package', loaderPackage, 'AutomaticPosting', ['1']],
    ['with too few arguments', ledgerPackage, 'JournalImportLauncher', ['1', '2']],
  ])('%s is not accepted, with request id -1', async (_, path, definition, args) => {
    expect(await session.submit(path, definition, ...args)).toBe('-1');
  });
});
