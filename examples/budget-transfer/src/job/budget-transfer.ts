import type { TaskContext, Tidings } from '@tidings/server';
import type { ErpClientOptions } from '../erp/erp-client.ts';
import type { LedgerSetup } from '../erp/ledger-setup.ts';
import { postJournals } from '../erp/post-journals.ts';
import type { TransferFiles } from './transfer-files.ts';
import { TransferReporter, transferData } from './transfer-reporter.ts';

/** The task's name. Its id is the transfer's number; its owner is who sent the file. */
export const transferTask = 'budget-transfer';

interface TransferInput {
  /** As the sender calls the file. */
  file_name: string;
}

export interface TransferJob {
  readonly tidings: Tidings;
  readonly files: TransferFiles;
  readonly erp: Omit<ErpClientOptions, 'signal'>;
  readonly ledger: LedgerSetup;
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

/** Stores the task and answers at once. Its file must be saved before. */
export async function startBudgetTransfer(tidings: Tidings, { id, owner, fileName }: NewTransfer): Promise<void> {
  const input: TransferInput = { file_name: fileName };
  const message = 'Waiting to be posted';
  await tidings.tasks.start(transferTask, input, { taskId: id, owner, message, data: transferData(fileName) });
}

async function postTransfer(job: TransferJob, context: TaskContext<TransferInput>): Promise<unknown> {
  const { taskId, signal, input } = context;
  const reporter = new TransferReporter(job.tidings, context, input.file_name);
  await reporter.started();
  try {
    if (context.attempt > 1) await refuseToBookTwice(job.tidings, taskId);
    const posted = await postJournals({
      csv: await job.files.readUpload(taskId),
      erp: job.erp,
      ledger: job.ledger,
      signal,
      onStep: (step) => reporter.step(step),
    });
    const size = await job.files.saveReport(taskId, posted.report.text);
    return await reporter.completed(posted, { path: `/transfers/${taskId}/report`, size });
  } catch (error) {
    if (signal.aborted) await reporter.stopped();
    else await reporter.failed(error);
    throw error;
  }
}

/** A restart begins the task again; once the import may have run, that could book the same journals a second time. */
async function refuseToBookTwice(tidings: Tidings, taskId: string): Promise<void> {
  const { reached } = (await tidings.tasks.get(taskId)).data as { reached?: { step_number: number; message: string } };
  if (reached === undefined || reached.step_number < importStep) return;
  throw new Error(
    `The application was restarted during this transfer, after "${reached.message}". Look for its batch in the ERP before sending the file again.`,
  );
}
