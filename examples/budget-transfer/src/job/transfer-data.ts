import { stepNames } from '../erp/post-journals.ts';
import type { JournalProblem } from '../journal/journal.ts';

/** The data of a transfer's task, for the pages that show it and for its next attempt. */
export interface TransferData {
  /** The name of its file. */
  title: string;
  steps: readonly string[];
  /** The newest step of any attempt. */
  reached?: { step_number: number; message: string };
  /** True once an approver has been asked; an approval stays. */
  needs_approval?: true;
  approved_by?: string;
  /** Of a failed one: the sentence without the problems it begins to list. */
  summary?: string;
  problems?: readonly JournalProblem[];
  problem_count?: number;
  /** True if another attempt may help, and can book nothing twice. */
  may_repeat?: boolean;
}

export const begunData = (fileName: string): TransferData => ({ title: fileName, steps: stepNames });

/** The data that a new attempt keeps of the last one. */
export function keptData(data: TransferData): TransferData {
  const { summary: _, problems: _problems, problem_count: _count, may_repeat: _repeat, ...kept } = data;
  return kept;
}
