import type { Task } from '@tidings/sender';

/** The status of a task as a terminal shows it: `cancelling` where it was asked to stop, and has not ended. */
export const shownStatus = ({ status, cancel_requested, ended_at }: Task): string =>
  cancel_requested && !ended_at ? 'cancelling' : status;
