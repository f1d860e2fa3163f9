import type { TaskContext, Tidings } from '@tidings/server';
import { ErpError } from '../erp/erp-error.ts';
import type { PostedJournals, Step } from '../erp/post-journals.ts';
import { describeSummary } from '../erp/posting-report.ts';
import type { JournalProblem } from '../journal/journal.ts';
import { keptData, type TransferData } from './transfer-data.ts';

/** Problems a task carries along; its owner downloads no list longer than a person reads. */
const problemsKept = 200;

interface Report {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly expiresAt: Date;
}

/**
 * Tells how a transfer goes, in two ways at once: as the task's own progress, which its card and the notification that follows
 * it show, and as the `oracle_upload_…` events that other programs listen for. The events are silent, so that
 * nobody is told the same twice.
 */
export class TransferReporter {
  /** The user who sent the file. */
  readonly userId: string;
  readonly #tidings: Tidings;
  readonly #context: Omit<TaskContext, 'input'>;
  #data: TransferData;

  constructor(tidings: Tidings, context: Omit<TaskContext, 'input'>, data: TransferData) {
    if (context.owner === null) throw new Error('A budget transfer is started with its owner.');
    this.userId = context.owner;
    this.#tidings = tidings;
    this.#context = context;
    this.#data = keptData(data);
  }

  get data(): TransferData {
    return this.#data;
  }

  get #event(): { userId: string; transactionId: string } {
    return { userId: this.userId, transactionId: this.#context.taskId };
  }

  async started(): Promise<void> {
    const again = this.#context.attempt > 1 ? ' again' : '';
    await this.#tidings.sendUploadStarted({ ...this.#event, message: `Posting ${this.#data.title}${again}` });
  }

  async step({ stepName, stepNumber, totalSteps, message }: Step): Promise<void> {
    await Promise.all([
      this.#tell(
        { reached: { step_number: stepNumber, message } },
        { step: stepName, step_number: stepNumber, total_steps: totalSteps, message },
      ),
      this.#tidings.sendProgressNotification({
        ...this.#event,
        stepName,
        currentStep: stepNumber,
        totalSteps,
        message,
      }),
    ]);
  }

  waiting(): Promise<void> {
    return this.#tell({ needs_approval: true }, { message: 'Waiting for approval' });
  }

  approved(approvedBy: string): Promise<void> {
    return this.#tell({ approved_by: approvedBy }, { message: `Approved by ${approvedBy}` });
  }

  async completed({ summary, batchName, report }: PostedJournals, { path, size, expiresAt }: Report): Promise<object> {
    const message = `Posted ${describeSummary(summary)}`;
    // A cancel that comes after posting is too late, and must not hide what was booked.
    if (!this.#context.signal.aborted) await this.#tell({}, { message });
    await this.#silently('oracle_upload_completed', { result_path: path, message });
    const file = { file_url: path, file_name: report.fileName, file_size: size };
    return { ...file, expires_at: expiresAt.toISOString(), batch_name: batchName, ...summary };
  }

  async failed(error: unknown): Promise<void> {
    const problems = problemsOf(error);
    const message = error instanceof Error ? error.message : String(error);
    await this.#tell(
      {
        summary: message.split(': line ', 1)[0] ?? message,
        problems: problems.slice(0, problemsKept),
        problem_count: problems.length,
        may_repeat: error instanceof ErpError && error.retryable,
      },
      {},
    );
    await this.#silently('oracle_upload_failed', { error: message, message: `Upload failed: ${message}` });
  }

  /** Ends the events of a transfer that its owner cancelled. One that a shutdown interrupts goes on at the next start. */
  async stopped(): Promise<void> {
    const { cancel_requested } = await this.#tidings.tasks.get(this.#context.taskId);
    if (cancel_requested) await this.#silently('oracle_upload_cancelled', { message: 'Cancelled' });
  }

  async #tell(news: Partial<TransferData>, report: Parameters<TaskContext['progress']>[0]): Promise<void> {
    this.#data = { ...this.#data, ...news };
    await this.#context.progress({ ...report, data: { ...this.#data } });
  }

  async #silently(type: string, data: { message: string } & Record<string, unknown>): Promise<void> {
    const transaction = { ...data, transaction_id: this.#context.taskId };
    const { message } = data;
    await this.#tidings.notify({ to: { user: this.userId }, type, message, data: transaction, silent: true });
  }
}

/** The faulty lines of the file, whether we or the ERP found them. */
function problemsOf(error: unknown): JournalProblem[] {
  if (!(error instanceof ErpError)) return [];
  const rejected = error.rejectedLines.map(({ line, account, codes, reason }) => ({
    line,
    column: null,
    message: `${codes.join(', ')}: ${reason.replace(/\.$/, '')} (account ${account})`,
  }));
  return [...error.problems, ...rejected];
}
