import type { JournalSummary } from '../journal/journal.ts';
import type { EndedJob } from './run-job.ts';

export interface PostingReport {
  readonly fileName: string;
  readonly text: string;
}

export interface ReportedPosting {
  readonly groupId: string;
  readonly documentId: string;
  readonly batchName: string;
  readonly summary: JournalSummary;
  readonly jobs: readonly (readonly [stepName: string, job: EndedJob])[];
}

/** `240 lines of 66 journals, 1,948,778.78 USD`. */
export function describeSummary(summary: JournalSummary): string {
  const { lines, journals, totalCents, currency } = summary;
  const total = (totalCents / 100).toLocaleString('en-US', { minimumFractionDigits: 2 });
  return `${lines} lines of ${journals} journals, ${total} ${currency}`;
}

/** The text file that the person who sent the journals keeps: what was posted, and the logs of the jobs. */
export function writePostingReport({ groupId, documentId, batchName, summary, jobs }: ReportedPosting): PostingReport {
  const head = [
    'Budget transfers posted',
    `Posted:   ${describeSummary(summary)}`,
    `Batch:    ${batchName}`,
    `Document: ${documentId}`,
    `Group:    ${groupId}`,
  ].join('\n');
  const sections = jobs.map(([stepName, job]) => `--- ${stepName}, request ${job.requestId} ---\n${job.log.trimEnd()}`);
  return { fileName: `budget-transfers-${groupId}.txt`, text: `${[head, ...sections].join('\n\n')}\n` };
}
