import type { GeneralLedger, JournalBatch } from './general-ledger.ts';
import type { JobDefinition, JobRun } from './job-definition.ts';
import { simulatedLedger } from './ledger.ts';

/** "AutoPost Journals": criteria set id. Posts every balanced batch that is not posted yet. */
export const autoPostJob: JobDefinition = {
  name: 'AutomaticPosting',
  path: '/oracle/apps/ess/financials/generalLedger/programs/common',
  step: 'autoPost',
  argumentCounts: [1],
  plan,
};

function plan({ job, at, ledger, args, fault }: JobRun): void {
  job.status = 'READY';
  at(0.15, () => {
    job.status = 'BLOCKED';
  });
  at(0.3, () => {
    job.status = 'RUNNING';
  });
  at(1, () => {
    const ending = endingOf(ledger, args[0], fault);
    job.status = ending.status;
    job.log = [`AutoPost Journals, request ${job.requestId}`, ...ending.log].join('\n');
  });
}

interface PostingEnding {
  readonly status: 'SUCCEEDED' | 'WARNING' | 'ERROR';
  readonly log: readonly string[];
}

function endingOf(ledger: GeneralLedger, criteriaSetId: string | undefined, fault: JobRun['fault']): PostingEnding {
  if (fault === 'error' || criteriaSetId !== simulatedLedger.autoPostCriteriaSetId) {
    return { status: 'ERROR', log: [`The AutoPost criteria set ${criteriaSetId} is not enabled.`] };
  }
  if (fault === 'warning') {
    return { status: 'WARNING', log: ['No batch was posted: the balances are locked by another process.'] };
  }
  const batches = ledger.batches.filter((batch) => batch.status === 'unposted');
  for (const batch of batches) batch.status = batch.unbalancedJournals.length > 0 ? 'unbalanced' : 'posted';
  const held = batches.filter((batch) => batch.status === 'unbalanced');
  return {
    status: held.length > 0 ? 'WARNING' : 'SUCCEEDED',
    log: [`Batches posted: ${batches.length - held.length}`, ...batches.map(logLine)],
  };
}

function logLine(batch: JournalBatch): string {
  if (batch.status === 'posted') return `Posted: ${batch.name}, ${batch.journals} journals, ${batch.lines} lines`;
  return `Not posted: ${batch.name}, unbalanced: ${batch.unbalancedJournals.join(', ')}`;
}
