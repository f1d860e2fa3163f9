import type { JournalSummary } from '../journal/journal.ts';
import { journalArchiveFileName } from '../journal/journal-archive.ts';
import { createErpClient, type ErpClient, type ErpClientOptions } from './erp-client.ts';
import { ErpError } from './erp-error.ts';
import { readImportReport } from './import-report.ts';
import { autoPost, interfaceLoader, journalImport } from './journal-jobs.ts';
import type { LedgerSetup } from './ledger-setup.ts';
import { describeSummary, type PostingReport, writePostingReport } from './posting-report.ts';
import { type PreparedUpload, prepareUpload } from './prepare-upload.ts';
import { type EndedJob, runJob } from './run-job.ts';
import { jobFailed, linesMissing, linesRejected, notToBeRepeated } from './step-failure.ts';

export const stepNames = ['Preparing Data', 'Upload to UCM', 'Interface Loader', 'Journal Import', 'AutoPost'] as const;

const batchPrefix = 'Budget transfers';

type StepName = (typeof stepNames)[number];

export interface Step {
  readonly stepName: StepName;
  /** 1 to `totalSteps`. */
  readonly stepNumber: number;
  readonly totalSteps: number;
  readonly message: string;
}

export interface PostJournalsOptions {
  /** The uploaded CSV of budget transfers. */
  readonly csv: Uint8Array | string;
  readonly erp: Omit<ErpClientOptions, 'signal'>;
  readonly ledger: LedgerSetup;
  /** Called once as each step begins, and awaited. What it throws ends the flow. */
  readonly onStep: (step: Step) => void | Promise<void>;
  /** Awaited once the file is known to be right, before anything is sent. What it throws ends the flow. Default: nothing. */
  readonly onChecked?: (summary: JournalSummary) => Promise<void>;
  /** Aborting it ends the flow with the code `cancelled`; a job already submitted goes on in the ERP. */
  readonly signal?: AbortSignal | undefined;
}

export interface PostedJournals {
  readonly groupId: string;
  readonly documentId: string;
  readonly requestIds: Readonly<Record<'interfaceLoader' | 'journalImport' | 'autoPost', string>>;
  /** Name of the journal batch in the ERP. */
  readonly batchName: string;
  readonly summary: JournalSummary;
  readonly report: PostingReport;
}

/**
 * Checks a CSV of budget transfers, loads it into the ERP, imports it and posts it, in five steps. Throws ErpError.
 * Each call uses a group id of its own, so a call after a retryable failure books nothing twice.
 */
export async function postJournals(options: PostJournalsOptions): Promise<PostedJournals> {
  const { ledger } = options;
  const client = createErpClient({ ...options.erp, signal: options.signal });
  const groupId = newGroupId();

  await beginStep(options, 'Preparing Data', 'Checking the file');
  const upload = prepareUpload(options.csv, {
    ledgerId: ledger.ledgerId,
    ledgerName: ledger.ledgerName,
    source: ledger.journalSource,
    category: ledger.journalCategory,
    groupId,
    batchName: batchPrefix,
    createdOn: new Date().toISOString().slice(0, 10),
  });
  await options.onChecked?.(upload.summary);

  await beginStep(options, 'Upload to UCM', `Uploading ${describeSummary(upload.summary)}`);
  const documentId = await client.uploadFileToUcm({
    fileName: journalArchiveFileName,
    content: upload.zip,
    documentAccount: ledger.documentAccount,
  });

  await beginStep(options, 'Interface Loader', `Loading document ${documentId} into the interface table`);
  const loaded = await runJob(client, interfaceLoader(documentId, journalArchiveFileName));
  if (loaded.failed) throw jobFailed('Interface Loader', loaded.failed, loaded.log, 'Nothing was imported.');

  await beginStep(options, 'Journal Import', `Importing ${upload.summary.lines} lines as group ${groupId}`);
  try {
    return await importAndPost({ options, client, groupId, documentId, upload, loaded });
  } catch (error) {
    throw notToBeRepeated(error, groupId);
  }
}

interface LoadedJournals {
  readonly options: PostJournalsOptions;
  readonly client: ErpClient;
  readonly groupId: string;
  readonly documentId: string;
  readonly upload: PreparedUpload;
  readonly loaded: EndedJob;
}

async function importAndPost(journals: LoadedJournals): Promise<PostedJournals> {
  const { options, client, groupId, documentId, upload, loaded } = journals;
  const { ledger } = options;
  const imported = await runJob(client, journalImport(ledger, groupId));
  checkImport(imported, groupId, upload);
  // The name that Journal Import gives a batch: prefix, source, actual flag, group, request of the child, N.
  const batchName = `${batchPrefix} ${ledger.journalSource} A ${groupId} ${imported.childId} N`;

  await beginStep(options, 'AutoPost', `Posting batch ${batchName}`);
  const posted = await runJob(client, autoPost(ledger));
  if (posted.failed) {
    const advice = `The journals are imported: post batch "${batchName}" in the ERP, do not send the file again.`;
    throw jobFailed('AutoPost', posted.failed, posted.log, advice);
  }

  const { summary } = upload;
  const requestIds = {
    interfaceLoader: loaded.requestId,
    journalImport: imported.requestId,
    autoPost: posted.requestId,
  };
  const jobs: [StepName, EndedJob][] = [
    ['Interface Loader', loaded],
    ['Journal Import', imported],
    ['AutoPost', posted],
  ];
  const report = writePostingReport({ groupId, documentId, batchName, summary, jobs });
  return { groupId, documentId, requestIds, batchName, summary, report };
}

function checkImport(imported: EndedJob, groupId: string, upload: PreparedUpload): void {
  const { requestId, log, failed } = imported;
  const sent = upload.rows.length;
  const { rejectedLines, linesImported } = readImportReport(log, upload.rows);
  if (rejectedLines.length > 0) throw linesRejected(rejectedLines, sent, { requestId, log });
  if (failed) throw jobFailed('Journal Import', failed, log, 'Correct this and send the file again.');
  if (linesImported !== null && linesImported < sent) {
    throw linesMissing(linesImported, sent, groupId, { requestId, log });
  }
}

async function beginStep(options: PostJournalsOptions, stepName: StepName, message: string): Promise<void> {
  throwIfCancelledBefore(stepName, options.signal);
  await options.onStep({
    stepName,
    stepNumber: stepNames.indexOf(stepName) + 1,
    totalSteps: stepNames.length,
    message,
  });
  throwIfCancelledBefore(stepName, options.signal);
}

function throwIfCancelledBefore(stepName: StepName, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ErpError('cancelled', `Cancelled before ${stepName}.`, false);
}

/** A number of 16 digits that no earlier attempt used: rows under a used number would be imported again with these. */
function newGroupId(): string {
  return String(Date.now() * 1_000 + Math.floor(Math.random() * 1_000));
}
