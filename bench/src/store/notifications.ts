import type { NotifyInput } from '@tidings/sender';

/** A notification of the usual size. */
export const notificationTo = (user: string, n: number): NotifyInput => ({
  ...{ to: { user }, notification_type: 'success', title: 'Report ready' },
  message: `Your report ${n} on the third quarter is ready to be downloaded.`,
  data: { report_id: n },
});
