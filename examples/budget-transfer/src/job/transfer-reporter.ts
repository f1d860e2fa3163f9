import type { TaskContext, Tidings } from '@tidings/server';
import { ErpError } from '../erp/erp-error.ts';
import { type PostedJournals, type Step, stepNames } from '../erp/post-journals.ts';
import { describeSummary } from '../erp/posting-report.ts';
import type { JournalProblem } from '../journal/journal.ts';

/** Problems a task carries along; its owner downloads no list longer than a person reads. */
const problemsKept = 200;

/** What a transfer's task carries from its start, for who shows it: the name of its file, and the steps to come. */
export function transferData(fileName: string): Record<string, unknown> {
  return { title: fileName, steps: stepNames };
}

interface Report {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Tells a transfer's owner how it goes, in two ways at once: as the task's own progress, which elements show and history
 * keeps, and as the `oracle_upload_…` events that other programs listen for.
 */
export class TransferReporter {
  readonly #tidings: Tidings;
  readonly #context: Omit<TaskContext, 'input'>;
  readonly #userId: string;
  readonly #fileName: string;

  constructor(tidings: Tidings, context: Omit<TaskContext, 'input'>, fileName: string) {
    if (context.owner === null) throw new Error('A budget transfer is started with its owner.');
    this.#tidings = tidings;
    this.#context = context;
    this.#userId = context.owner;
    this.#fileName = fileName;
  }

  get #event(): { userId: string; transactionId: string } {
    return { userId: this.#userId, transactionId: this.#context.taskId };
  }

  async started(): Promise<void> {
    const again = this.#context.attempt > 1 ? ' again, after a restart' : '';
    await this.#tidings.sendUploadStarted({ ...this.#event, message: `Posting ${this.#fileName}${again}` });
  }

  async step({ stepName, stepNumber, totalSteps, message }: Step): Promise<void> {
    const data = { ...transferData(this.#fileName), reached: { step_number: stepNumber, message } };
    await Promise.all([
      this.#context.progress({ step: stepName, step_number: stepNumber, total_steps: totalSteps, message, data }),
      this.#tidings.sendProgressNotification({
        ...this.#event,
        stepName,
        currentStep: stepNumber,
        totalSteps,
        message,
      }),
    ]);
  }

  /** One toast with a download link, by the event; the task's result gives its card the same link. */
  async completed({ summary, batchName, report }: PostedJournals, { path, size }: Report): Promise<object> {
    const message = `Posted ${describeSummary(summary)}`;
    // A cancel that comes after posting is too late, and must not hide what was booked.
    if (!this.#context.signal.aborted) await this.#context.progress({ message, data: transferData(this.#fileName) });
    const data = { title: 'Budget transfer posted' };
    await this.#tidings.sendUploadCompleted({ ...this.#event, resultPath: path, message, data });
    return { file_url: path, file_name: report.fileName, file_size: size, batch_name: batchName, ...summary };
  }

  async failed(error: unknown): Promise<void> {
    const problems = problemsOf(error);
    const message = error instanceof Error ? error.message : String(error);
    const data = {
      ...transferData(this.#fileName),
      // The sentence without the lines it begins to list, for who shows them all.
      summary: message.split(': line ', 1)[0],
      problems: problems.slice(0, problemsKept),
      problem_count: problems.length,
      may_repeat: error instanceof ErpError && error.retryable,
    };
    await this.#context.progress({ data });
    await this.#tidings.sendUploadFailed({ ...this.#event, error: message, data: { title: 'Budget transfer failed' } });
  }

  /** Ends the events of a transfer that its owner cancelled. One that a shutdown interrupts goes on at the next start. */
  async stopped(): Promise<void> {
    const { cancel_requested } = await this.#tidings.tasks.get(this.#context.taskId);
    if (!cancel_requested) return;
    await this.#tidings.notify({
      to: { user: this.#userId },
      type: 'oracle_upload_cancelled',
      message: 'Cancelled',
      data: { transaction_id: this.#context.taskId },
      silent: true,
    });
  }
}

/** What is wrong with which line of the file, whether we or the ERP found it. */
function problemsOf(error: unknown): JournalProblem[] {
  if (!(error instanceof ErpError)) return [];
  const rejected = error.rejectedLines.map(({ line, account, codes, reason }) => ({
    line,
    column: null,
    message: `${codes.join(', ')}: ${reason.replace(/\.$/, '')} (account ${account})`,
  }));
  return [...error.problems, ...rejected];
}
