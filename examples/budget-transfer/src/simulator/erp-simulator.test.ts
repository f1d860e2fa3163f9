import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ledgerPackage, login, SimulatorSession } from './simulator-session.ts';

let session: SimulatorSession;

beforeEach(async () => {
  session = await SimulatorSession.open();
});
afterEach(() => session.simulator.close());

describe('the resource', () => {
  test('echoes a request in full, in the order of its keys, with 201', async () => {
    const response = await session.post({
      OperationName: 'submitESSJobRequest',
      JobDefName: 'Nope',
      JobPackageName: '/nope',
      ESSParameters: '1',
    });
    expect(response.status).toBe(201);
    const body = (await response.json()) as object;
    expect(Object.keys(body).slice(0, 5)).toEqual([
      'OperationName',
      'DocumentId',
      'DocumentContent',
      'FileName',
      'ContentType',
    ]);
    expect(Object.keys(body).slice(-3)).toEqual(['StatusCode', 'ESSParameters', 'links']);
    expect(body).toMatchObject({ JobDefName: 'Nope', ESSParameters: '1', ReqstId: '-1', CallbackURL: null });
  });

  test.each([
    'application/json',
    'application/vnd.oracle.adf.action+json',
    'application/vnd.oracle.adf.resourceitem+json',
  ])('takes %s', async (type) => {
    const response = await session.post(
      { OperationName: 'submitESSJobRequest', JobDefName: 'x', JobPackageName: 'y' },
      { 'content-type': type },
    );
    expect(response.status).toBe(201);
  });

  test('answers to version 11.13.18.05 and to latest, and to no other path', async () => {
    const latest = session.resource.replace('11.13.18.05', 'latest');
    expect((await fetch(`${latest}?finder=ESSJobStatusRF;requestId=1`, { headers: login })).status).toBe(200);
    expect((await fetch(`${session.resource}s`, { headers: login })).status).toBe(404);
  });

  test('refuses a wrong login, another type, an unknown key and an unknown operation', async () => {
    expect((await session.post({}, { authorization: 'Basic eDp5' })).status).toBe(401);
    expect((await session.post({}, { 'content-type': 'text/plain' })).status).toBe(415);
    const response = await session.post(
      { OperationName: 'submitESSJobRequest', requestId: 1 },
      { 'rest-framework-version': '4' },
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      title: 'Bad Request',
      status: '400',
      'o:errorDetails': [{ detail: 'Invalid attribute requestId.', 'o:errorCode': '', 'o:errorPath': '' }],
    });
    expect((await session.post({ OperationName: 'nope' })).status).toBe(400);
  });

  test('answers a payload that is no JSON with code 27521, as plain text below framework version 4', async () => {
    const json = await session.post('{', { 'rest-framework-version': '4' });
    expect(await json.json()).toMatchObject({ 'o:errorDetails': [{ 'o:errorCode': '27521' }] });
    expect(await (await session.post('{')).text()).toBe('The request payload could not be parsed.');
  });
});

describe('the fault switches', () => {
  function setFaults(body: unknown, type = 'application/json'): Promise<Response> {
    return fetch(`${session.simulator.url}/simulator/faults`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });
  }

  test('are set over HTTP, all at once, and read back', async () => {
    const faults = { fail: { journal_import: 'warning' }, slow_factor: 3, service: 'normal' };
    expect(await (await setFaults(faults)).json()).toEqual(faults);
    expect(await (await fetch(`${session.simulator.url}/simulator/faults`)).json()).toEqual(faults);
    expect(await (await setFaults({})).json()).toEqual({ fail: {}, slow_factor: 1, service: 'normal' });
  });

  test('have an effect', async () => {
    await setFaults({ fail: { auto_post: 'refuse' }, slow_factor: 2 });
    expect(await session.submit(ledgerPackage, 'AutomaticPosting', '1')).toBe('-1');
    const slow = await session.submitImport();
    session.pass(1);
    expect(await session.statusOf(slow)).toBe('PAUSED');
    await setFaults({ service: 'unavailable' });
    expect((await session.post({})).status).toBe(503);
    await setFaults({ service: 'rejects_logins' });
    expect((await session.post({})).status).toBe(401);
  });

  test.each([
    [{ fail: { journal_impot: 'error' } }, 'got "journal_impot"'],
    [{ fail: { upload_to_ucm: 'warning' } }, 'expected refuse or error, got "warning"'],
    [{ fail: 'journal_import' }, 'expected fail as an object'],
    [{ slow_factor: '5' }, 'expected slow_factor from 0 to 1000000, got "5"'],
    [{ service: 'down' }, 'expected service normal, unavailable or rejects_logins, got "down"'],
    [{ speed: 1 }, 'got "speed"'],
    [[], 'expected a JSON object'],
  ])('%j are refused with what was expected', async (body, words) => {
    const response = await setFaults(body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(words);
  });

  test('cannot be set by a form of another site', async () => {
    expect((await setFaults({}, 'text/plain')).status).toBe(415);
  });
});
