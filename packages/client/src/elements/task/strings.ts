/** The texts of tasks, in English. */
export const taskEnglish = {
  task: 'Task',
  waitingForReport: 'Waiting for the first report…',
  queued: 'Queued',
  processing: 'In progress',
  waiting: 'Waiting for a decision',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  cancel: 'Cancel',
  cancelling: 'Cancelling…',
  step: (step: number, total: number) => (total ? `Step ${step} of ${total}` : `Step ${step}`),
  attempt: (attempt: number) => `attempt ${attempt}`,
  timeLeft: (duration: string) => `about ${duration} left`,
};
