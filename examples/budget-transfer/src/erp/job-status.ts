/** The meaning of a status word of Oracle's Enterprise Scheduler for someone who waits. */
export type JobPhase = 'running' | 'succeeded' | 'warning' | 'failed' | 'held';

const phases: Partial<Record<string, JobPhase>> = {
  SUCCEEDED: 'succeeded',
  WARNING: 'warning',
  ERROR: 'failed',
  FAILED: 'failed',
  VALIDATION_FAILED: 'failed',
  CANCELLED: 'failed',
  CANCELED: 'failed',
  EXPIRED: 'failed',
  HOLD: 'held',
  ERROR_MANUAL_RECOVERY: 'held',
};

/**
 * Every other word is of a job under way, COMPLETED, PAUSED and BLOCKED among them: COMPLETED still runs its
 * post-processing, a PAUSED parent waits for its children, and BLOCKED waits for another job.
 */
export function phaseOf(status: string): JobPhase {
  return phases[status.toUpperCase()] ?? 'running';
}
