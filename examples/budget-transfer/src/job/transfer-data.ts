import { stepNames } from '../erp/post-journals.ts';
import type { JournalProblem } from '../journal/journal.ts';

/** What a transfer's task carries along, for who shows it and for its next attempt. */
export interface TransferData {
  /** The name of its file. */
  title: string;
  steps: readonly string[];
  /** The newest step of any attempt. */
  reached?: { step_number: number; message: string };
  /** Whether an approver has been asked; what was approved once stays so. */
  needs_approval?: true;
  approved_by?: string;
  /** Of a failed one: the sentence without the problems it begins to list. */
  summary?: string;
  problems?: readonly JournalProblem[];
  problem_count?: number;
  /** Whether starting it again may help, and can book nothing twice. */
  may_repeat?: boolean;
}

export const begunData = (fileName: string): TransferData => ({ title: fileName, steps: stepNames });

/** What a new attempt keeps of the last one. */
export function keptData(data: TransferData): TransferData {
  const { summary: _, problems: _problems, problem_count: _count, may_repeat: _repeat, ...kept } = data;
  return kept;
}
