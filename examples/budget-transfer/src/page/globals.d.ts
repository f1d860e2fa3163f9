import type { TidingsClient } from '@tidings/client';
import type {} from '@tidings/client/elements/define';
import type { Room } from '@tidings/client/room';

declare global {
  interface Window {
    /** Of the script tag `/tidings.js`. */
    taskNotifications: { client: TidingsClient; room(name: string): Promise<Room> };
  }
}
