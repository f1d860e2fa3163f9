import type { TaskContext, TaskQuestion } from '@tidings/server';
import type { JournalSummary } from '../journal/journal.ts';

/** A transfer with a journal above this waits for a person; in cents. */
const approvalLimitCents = 10_000_000;

export const needsApproval = ({ largest }: JournalSummary): boolean => largest.cents > approvalLimitCents;

/** The people that an approval needs to know. */
export interface Directory {
  nameOf(userId: string): string;
  /** The people who may decide on this person's transfers. */
  approversOf(userId: string): NonNullable<TaskQuestion['to']>;
}

/** Ends a transfer that starting again would not help: its reason is for the person who sent it. */
export class TransferRefused extends Error {
  readonly retryable = false;
}

/** The time to decide, in milliseconds. */
const decideWithinMs = 24 * 3_600_000;

interface Request {
  readonly fileName: string;
  readonly requester: string;
  readonly summary: JournalSummary;
}

/**
 * Asks the approvers, and resolves with the name of who approved. Whoever answers first decides; a restart meanwhile loses
 * neither question nor answer. Throws TransferRefused if the transfer is rejected.
 */
export async function approved(
  context: Omit<TaskContext, 'input'>,
  people: Directory,
  request: Request,
): Promise<string> {
  const { action_id, user_id, comment } = await context.ask(questionOf(context.taskId, people, request));
  const name = people.nameOf(user_id);
  if (action_id === 'approve') return name;
  throw new TransferRefused(`Rejected by ${name}${comment ? `: ${comment}` : '. Ask why before sending it again.'}`);
}

function questionOf(taskId: string, people: Directory, { fileName, requester, summary }: Request): TaskQuestion {
  const { largest, currency } = summary;
  const amount = `${formatAmount(largest.cents)} ${currency}`;
  return {
    id: 'approval',
    to: people.approversOf(requester),
    title: `Approve ${amount}?`,
    message: `${people.nameOf(requester)} moves it by ${largest.journal} in ${fileName}.`,
    notification_type: 'warning',
    category: 'approvals',
    data: { url: `/#approvals/${taskId}`, transfer: taskId, file_name: fileName, requester: people.nameOf(requester) },
    expires_at: new Date(Date.now() + decideWithinMs).toISOString(),
    actions: [
      { id: 'approve', label: 'Approve', style: 'primary' },
      { id: 'reject', label: 'Reject', style: 'danger' },
    ],
  };
}

/** `480,000.00`. */
const formatAmount = (cents: number): string => (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2 });
