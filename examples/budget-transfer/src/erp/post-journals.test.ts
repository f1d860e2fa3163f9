import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createErpSimulator, type ErpSimulator } from '../simulator/erp-simulator.ts';
import { simulatedLedger } from '../simulator/ledger.ts';
import { createErpClient } from './erp-client.ts';
import { ErpError } from './erp-error.ts';
import { journalImport } from './journal-jobs.ts';
import { createJumpingClock, type JumpingClock } from './jumping-clock.ts';
import { type PostedJournals, type PostJournalsOptions, postJournals, type Step } from './post-journals.ts';

let clock: JumpingClock;
let simulator: ErpSimulator;
let steps: Step[];

beforeEach(async () => {
  clock = createJumpingClock();
  simulator = createErpSimulator({ username: 'fin', password: 'demo', stepSeconds: 30, now: clock.now });
  await simulator.listen();
  steps = [];
});
afterEach(() => simulator.close());

function example(name: string): Uint8Array {
  return readFileSync(new URL(`../../data/${name}`, import.meta.url));
}

function post(changes: Partial<PostJournalsOptions> = {}): Promise<PostedJournals> {
  return postJournals({
    csv: example('budget-transfers.csv'),
    erp: { baseUrl: simulator.url, username: 'fin', password: 'demo', clock },
    ledger: simulatedLedger,
    onStep: (step) => void steps.push(step),
    ...changes,
  });
}

async function failureOf(promise: Promise<unknown>): Promise<ErpError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ErpError)) throw new Error(`expected an ErpError, got ${error}`);
  return error;
}

const names = () => steps.map(({ stepName }) => stepName);

describe('posting budget transfers', () => {
  test('takes five steps and ends with a posted batch and a report', async () => {
    const posted = await post();
    expect(steps.map(({ stepNumber, totalSteps, stepName }) => `${stepNumber}/${totalSteps} ${stepName}`)).toEqual([
      '1/5 Preparing Data',
      '2/5 Upload to UCM',
      '3/5 Interface Loader',
      '4/5 Journal Import',
      '5/5 AutoPost',
    ]);
    expect(simulator.control.batches()).toEqual([
      {
        name: posted.batchName,
        groupId: posted.groupId,
        journals: 66,
        lines: 240,
        status: 'posted',
        unbalancedJournals: [],
      },
    ]);
    expect(posted.summary).toMatchObject({ journals: 66, lines: 240, totalCents: 194_877_878, currency: 'USD' });
    expect(posted.report.fileName).toBe(`budget-transfers-${posted.groupId}.txt`);
    expect(posted.report.text).toContain('Posted:   240 lines of 66 journals, 1,948,778.78 USD');
    expect(posted.report.text).toContain('Lines imported: 240');
    expect(posted.report.text).toContain(`Posted: ${posted.batchName}, 66 journals, 240 lines`);
  });

  test('twice gives two batches of different groups', async () => {
    const [first, second] = [await post(), await post()];
    expect(first.groupId).not.toBe(second.groupId);
    expect(simulator.control.batches().map(({ status }) => status)).toEqual(['posted', 'posted']);
  });

  test('waits for each step to be reported before it goes on', async () => {
    const failure = new Error('the notification could not be sent');
    const onStep = (step: Step) => (step.stepNumber === 3 ? Promise.reject(failure) : undefined);
    await expect(post({ onStep })).rejects.toBe(failure);
    expect(clock.now()).toBe(0);
  });

  test('sends nothing of a file with problems', async () => {
    const error = await failureOf(post({ csv: example('budget-transfers-with-mistakes.csv') }));
    expect(error).toMatchObject({ code: 'invalid_file', retryable: false });
    expect(error.problems).toHaveLength(8);
    expect(error.message).toMatch(/^The file has 8 problems, nothing was sent: line 5: .+; and 5 more\.$/);
    expect(names()).toEqual(['Preparing Data']);
  });
});

describe('journals the ERP rejects', () => {
  test('fail by the child in WARNING, though its parent SUCCEEDED, and name the lines of the uploaded file', async () => {
    const error = await failureOf(post({ csv: example('budget-transfers-erp-rejects.csv') }));
    expect(error).toMatchObject({ code: 'lines_rejected', retryable: false });
    expect(error.rejectedLines).toEqual([
      {
        line: 13,
        journal: 'BT-2026-0704',
        account: '103-4990-63200',
        codes: ['EF03'],
        reason: 'The account is disabled: cost center 4990 is no longer in use.',
      },
      {
        line: 24,
        journal: 'BT-2026-0707',
        account: '101-3200-60000',
        codes: ['EF02'],
        reason: 'Detail posting is not allowed to account 60000.',
      },
    ]);
    expect(error.message).toContain(
      'rejected 2 of 23 lines, and with them the whole file: line 13 (BT-2026-0704, 103-4990-63200) EF03',
    );
    expect(error.log).toContain('Lines imported: 0');
    expect(simulator.control.batches()).toEqual([]);
    expect(names()).not.toContain('AutoPost');
  });

  test('keep all codes of one line', async () => {
    const csv = new TextDecoder()
      .decode(example('budget-transfers.csv'))
      .replaceAll('USD', 'EUR')
      .replaceAll('Nov-26', 'Oct-26')
      .replaceAll('2026-11-', '2026-10-')
      .replace('102,3100,61300', '999,3100,61300');
    const { rejectedLines } = await failureOf(post({ csv }));
    expect(rejectedLines[0]).toMatchObject({ line: 2, codes: ['EP01', 'EF04', 'EC03'] });
    expect(rejectedLines).toHaveLength(240);
  });

  test('are told from lines that another import took, which the ERP calls a success', async () => {
    const other = createErpClient({ baseUrl: simulator.url, username: 'fin', password: 'demo', clock });
    const onStep = async ({ stepNumber }: Step) => {
      if (stepNumber !== 4) return;
      const requestId = await other.submitJob(journalImport(simulatedLedger, 'ALL'));
      await other.waitForJob(requestId);
    };
    const error = await failureOf(post({ onStep }));
    expect(error).toMatchObject({ code: 'lines_missing', retryable: false });
    expect(error.message).toMatch(/^Expected 240 lines of group \d{16} to be imported, the ERP imported 0\. /);
  });

  test('fail by a setup that the ERP does not have', async () => {
    const error = await failureOf(post({ ledger: { ...simulatedLedger, dataAccessSetId: '1' } }));
    expect(error.code).toBe('job_failed');
    expect(error.message).toContain('There is no data access set 1.');
  });
});

describe('a step that fails', () => {
  test.each([
    ['uploadToUcm', 'error', 'unavailable', true, 2],
    ['uploadToUcm', 'refuse', 'unexpected_response', false, 2],
    ['interfaceLoader', 'refuse', 'submission_refused', false, 3],
    ['interfaceLoader', 'error', 'job_failed', false, 3],
    ['interfaceLoader', 'warning', 'job_failed', false, 3],
    ['journalImport', 'refuse', 'submission_refused', false, 4],
    ['journalImport', 'error', 'job_failed', false, 4],
    ['journalImport', 'warning', 'lines_rejected', false, 4],
    ['autoPost', 'refuse', 'submission_refused', false, 5],
    ['autoPost', 'error', 'job_failed', false, 5],
    ['autoPost', 'warning', 'job_failed', false, 5],
  ] as const)('%s told to %s ends the flow with %s', async (step, fault, code, retryable, lastStep) => {
    if (step === 'uploadToUcm') simulator.control.fail(step, fault);
    else simulator.control.fail(step, fault);
    expect(await failureOf(post())).toMatchObject({ code, retryable });
    expect(steps.at(-1)?.stepNumber).toBe(lastStep);
    expect(simulator.control.batches().filter(({ status }) => status === 'posted')).toEqual([]);
    simulator.control.clear();
    await post();
  });

  test('gives the reason of its log', async () => {
    simulator.control.fail('journalImport', 'error');
    expect((await failureOf(post())).message).toMatch(
      /^Journal Import ended in ERROR \(request \d+\): The journal tables could not be extended: .+\. Correct this/,
    );
  });

  test('as AutoPost says that the journals are in the ERP already', async () => {
    simulator.control.fail('autoPost', 'warning');
    const { message } = await failureOf(post());
    const [batch] = simulator.control.batches();
    expect(batch?.status).toBe('unposted');
    expect(message).toContain(`post batch "${batch?.name}" in the ERP, do not send the file again`);
  });
});

describe('an ERP in trouble', () => {
  test('that is down before the import started may be tried again', async () => {
    simulator.control.service('unavailable');
    expect(await failureOf(post())).toMatchObject({ code: 'unavailable', retryable: true });
  });

  test('that goes down during the import must be looked at first, as nobody knows how far it came', async () => {
    const onStep = ({ stepNumber }: Step) => {
      if (stepNumber === 4) simulator.control.service('unavailable');
    };
    const error = await failureOf(post({ onStep }));
    expect(error).toMatchObject({ code: 'unavailable', retryable: false });
    expect(error.message).toMatch(/Look for a batch of group \d{16} in the ERP before sending the file again\.$/);
  });

  test('that rejects the login says so', async () => {
    simulator.control.service('rejects_logins');
    expect(await failureOf(post())).toMatchObject({ code: 'unauthorized', retryable: false });
  });

  test('that is too slow ends the flow at the limit for one job', async () => {
    simulator.control.slow(1_000);
    const error = await failureOf(post());
    expect(error).toMatchObject({ code: 'timed_out', retryable: false });
    expect(error.message).toContain('after 30 minutes');
  });
});

describe('cancelling', () => {
  test('before a step keeps it from starting', async () => {
    const controller = new AbortController();
    const onStep = ({ stepNumber }: Step) => {
      if (stepNumber === 2) controller.abort();
    };
    const error = await failureOf(post({ onStep, signal: controller.signal }));
    expect(error).toMatchObject({ code: 'cancelled', message: 'Cancelled before Upload to UCM.' });
  });

  test('between two polls of the import ends the flow and says where to look', async () => {
    const controller = new AbortController();
    const cancelling = {
      ...clock,
      sleep: async (ms: number) => {
        if (steps.at(-1)?.stepNumber === 4) controller.abort();
        await clock.sleep(ms, undefined);
      },
    };
    const erp = { baseUrl: simulator.url, username: 'fin', password: 'demo', clock: cancelling };
    const error = await failureOf(post({ erp, signal: controller.signal }));
    expect(error.code).toBe('cancelled');
    expect(error.message).toMatch(
      /^Cancelled while waiting for request \d+, which goes on in the ERP\. Look for a batch/,
    );
    expect(names().at(-1)).toBe('Journal Import');
  });
});
