import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { credit, interfaceRow, SimulatorSession } from './simulator-session.ts';

let session: SimulatorSession;

beforeEach(async () => {
  session = await SimulatorSession.open();
});
afterEach(() => session.simulator.close());

describe('Journal Import', () => {
  test('makes a batch named after prefix, source, flag, group and child request', async () => {
    await session.load(interfaceRow(), interfaceRow(credit));
    const { parent, child, report } = await session.importGroup();
    expect([parent, child]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const [batch] = session.simulator.control.batches();
    expect(batch).toMatchObject({ journals: 1, lines: 2, status: 'unposted' });
    expect(batch?.name).toMatch(/^Budget transfers Spreadsheet A 7001 \d+ N$/);
    expect(report).toContain(`Batch: ${batch?.name}`);
  });

  test.each([
    [{ 3: '2026/10/31' }, 'EP01'],
    [{ 11: '66900' }, 'EF01'],
    [{ 11: '60000' }, 'EF02'],
    [{ 10: '4990' }, 'EF03'],
    [{ 9: '999' }, 'EF04'],
    [{ 6: 'EUR' }, 'EC03'],
  ])('rejects a line with %j as %s under a parent that SUCCEEDED', async (changes, code) => {
    await session.load(interfaceRow(), interfaceRow({ ...credit, ...changes }));
    const { parent, child, report } = await session.importGroup();
    expect([parent, child]).toEqual(['SUCCEEDED', 'WARNING']);
    expect(report).toMatch(new RegExp(`^2 \\| BT-1 \\| [\\d-]+ \\| ${code} \\| .+$`, 'm'));
  });

  test('holds all lines of a group for one bad one, and no other group', async () => {
    await session.load(
      interfaceRow(),
      interfaceRow({ ...credit, 10: '4990' }),
      interfaceRow({ 67: '7002' }),
      interfaceRow({ ...credit, 67: '7002' }),
    );
    const { report } = await session.importGroup('ALL');
    expect(report).toContain('Lines imported: 2\nLines rejected: 1');
    expect(session.simulator.control.batches().map(({ groupId }) => groupId)).toEqual(['7002']);
    expect((await session.importGroup('7001')).report).toContain('Lines selected: 2');
  });

  test.each([
    ['7002', 'Spreadsheet'],
    ['7001', 'Other'],
  ])('selects nothing for group %s of source %s, and succeeds', async (group, source) => {
    await session.load(interfaceRow(), interfaceRow(credit));
    const { child, report } = await session.importGroup(group, source);
    expect(child).toBe('SUCCEEDED');
    expect(report).toContain('Lines selected: 0\nLines imported: 0');
  });

  test('imports the same rows twice when they were loaded twice', async () => {
    await session.load(interfaceRow(), interfaceRow(credit));
    await session.load(interfaceRow(), interfaceRow(credit));
    expect((await session.importGroup()).report).toContain('Lines imported: 4');
  });

  test('imports an unbalanced journal, which AutoPost then leaves unposted in WARNING', async () => {
    await session.load(interfaceRow(), interfaceRow({ 46: 'BT-2' }), interfaceRow({ ...credit, 46: 'BT-2' }));
    expect((await session.importGroup()).child).toBe('SUCCEEDED');
    expect(await session.autoPost()).toBe('WARNING');
    expect(session.simulator.control.batches()).toMatchObject([{ status: 'unbalanced', unbalancedJournals: ['BT-1'] }]);
    expect(await session.autoPost()).toBe('SUCCEEDED');
  });
});
