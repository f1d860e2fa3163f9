import type { RoomEvent } from '@tidings/protocol';
import type { PartHost } from '../part-slot.ts';

/** The element that shows something of a room, as its part sees it. */
export interface RoomHost extends PartHost {
  /** As `project:12`. */
  room(): string;
  /** The text of an event, where the application says it; null leaves the event out. */
  describe(event: RoomEvent): string | null | undefined;
  /** True if the newest is at the end. */
  isNewestLast(): boolean;
}
