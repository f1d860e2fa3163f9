import type { TidingsClient } from '@tidings/client';

declare global {
  interface Window {
    /** Of the script tag `/tidings.js`. */
    taskNotifications: { client: TidingsClient };
  }
}
