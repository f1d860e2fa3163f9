import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { credit, interfaceRow, loaderPackage, SimulatorSession } from './simulator-session.ts';

let session: SimulatorSession;

beforeEach(async () => {
  session = await SimulatorSession.open();
});
afterEach(() => session.simulator.close());

describe('the interface loader', () => {
  test('loads rows of 149 fields, and of 150 with END', async () => {
    expect(await session.load(interfaceRow(), interfaceRow({ ...credit, 150: 'END' }, 150))).toMatchObject({
      status: 'SUCCEEDED',
      log: expect.stringContaining('Rows loaded: 2'),
    });
  });

  test.each([
    ['148 fields', interfaceRow({}, 148), 'Row 1: expected 149 fields, or 150 with END last, got 148'],
    ['150 fields without END', interfaceRow({}, 150), 'got 150'],
    ['no creation date', interfaceRow({ 7: '' }), 'Journal Entry Creation Date (field 7) is required'],
    [
      'neither ledger id nor name',
      interfaceRow({ 2: '' }),
      'Ledger ID (field 2) or Ledger Name (field 92) is required',
    ],
    ['an ISO date', interfaceRow({ 3: '2026-11-03' }), 'field 3 must be a date YYYY/MM/DD, got "2026-11-03"'],
    ['a thousands separator', interfaceRow({ 39: '"1,000.00"' }), 'field 39 must be a number, got "1,000.00"'],
    ['no group', interfaceRow({ 67: '' }), 'Interface Group Identifier (field 67) must be a number'],
    ['no rows', '', 'The file has no rows.'],
  ])('ends in ERROR for %s and loads nothing', async (_, text, words) => {
    const { status, log } = await session.load(text);
    expect(status).toBe('ERROR');
    expect(log).toContain(words);
    expect(log).toContain('Rows loaded: 0');
  });

  test('ends in ERROR for what is no zip, a zip of another file, and an unknown document', async () => {
    const documents = [await session.upload(Buffer.from('not a zip')), await session.upload({ 'Other.csv': 'x' }), '1'];
    const requestIds = await Promise.all(
      documents.map((id) => session.submit(loaderPackage, 'InterfaceLoaderController', '15', id)),
    );
    session.pass(1);
    const logs = await Promise.all(
      requestIds.map(async (id) => Object.values(await session.filesOf(id, 'LOG')).join()),
    );
    expect(logs.map((log) => log.trim().split('\n').at(-1))).toEqual([
      'Document 7787 is not a zip archive.',
      'Expected GlInterface.csv in the archive, got Other.csv.',
      'There is no document 1.',
    ]);
  });
});
