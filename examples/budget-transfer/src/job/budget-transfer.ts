import type { TaskContext, Tidings } from '@tidings/server';
import type { ErpClientOptions } from '../erp/erp-client.ts';
import type { LedgerSetup } from '../erp/ledger-setup.ts';
import { postJournals } from '../erp/post-journals.ts';
import type { JournalSummary } from '../journal/journal.ts';
import { approved, type Directory, needsApproval, TransferRefused } from './approval.ts';
import { begunData, type TransferData } from './transfer-data.ts';
import type { TransferFiles } from './transfer-files.ts';
import { TransferReporter } from './transfer-reporter.ts';

/** The task's name. Its id is the transfer's number; its owner is who sent the file. */
export const transferTask = 'budget-transfer';

interface TransferInput {
  /** As the sender calls the file. */
  file_name: string;
}

export interface TransferJob {
  readonly tidings: Tidings;
  readonly files: TransferFiles;
  readonly people: Directory;
  readonly erp: Omit<ErpClientOptions, 'signal'>;
  readonly ledger: LedgerSetup;
  /** The lifetime of a report's download, in seconds. */
  readonly reportSeconds: number;
}

/** The step from which on the ERP may have booked something. */
const importStep = 4;

/** Tells Tidings how a budget transfer is run. The task outlives a restart of this process, since Tidings keeps it. */
export function defineBudgetTransfer(job: TransferJob): void {
  job.tidings.tasks.define<TransferInput>(transferTask, (context) => postTransfer(job, context));
}

export interface NewTransfer {
  readonly id: string;
  readonly owner: string;
  readonly fileName: string;
}

/** Stores the task. Answers at once. The transfer's file must be saved before. */
export async function startBudgetTransfer(tidings: Tidings, { id, owner, fileName }: NewTransfer): Promise<void> {
  const input: TransferInput = { file_name: fileName };
  const message = 'Waiting to be posted';
  await tidings.tasks.start(transferTask, input, { taskId: id, owner, message, data: { ...begunData(fileName) } });
}

/** Publishes the one notification that follows a transfer from its first step to its report; once, however often it is called. */
export async function notifyOfTransfer(tidings: Tidings, { id, owner, fileName }: NewTransfer): Promise<void> {
  await tidings.notify({
    to: { user: owner },
    task_id: id,
    title: fileName,
    category: 'transfers',
    data: { url: `/#transfers/${id}` },
    idempotency_key: `transfer ${id}`,
  });
}

async function postTransfer(job: TransferJob, context: TaskContext<TransferInput>): Promise<unknown> {
  const { taskId, signal } = context;
  const before = (await job.tidings.tasks.get(taskId)).data as unknown as TransferData;
  const reporter = new TransferReporter(job.tidings, context, before);
  await reporter.started();
  try {
    if (context.attempt > 1) refuseToBookTwice(before);
    const posted = await postJournals({
      csv: await job.files.readUpload(taskId),
      erp: job.erp,
      ledger: job.ledger,
      signal,
      onStep: (step) => reporter.step(step),
      onChecked: (summary) => waitForApproval(job, context, reporter, summary),
    });
    const size = await job.files.saveReport(taskId, posted.report.text);
    const expiresAt = new Date(Date.now() + job.reportSeconds * 1_000);
    return await reporter.completed(posted, { path: `/transfers/${taskId}/report`, size, expiresAt });
  } catch (error) {
    if (signal.aborted) await reporter.stopped();
    else await reporter.failed(error);
    throw error;
  }
}

async function waitForApproval(
  { people }: TransferJob,
  context: TaskContext<TransferInput>,
  reporter: TransferReporter,
  summary: JournalSummary,
): Promise<void> {
  if (!needsApproval(summary) || reporter.data.approved_by) return;
  await reporter.waiting();
  const request = { fileName: context.input.file_name, requester: reporter.userId, summary };
  await reporter.approved(await approved(context, people, request));
}

/** Once the import may have run, starting again could book the same journals a second time. */
function refuseToBookTwice({ reached }: TransferData): void {
  if (reached === undefined || reached.step_number < importStep) return;
  throw new TransferRefused(
    `An earlier attempt came as far as "${reached.message}". Look for its batch in the ERP before sending the file again.`,
  );
}
