import type { RoomEvent } from '@tidings/protocol';
import type { TidingsClient } from '../client.ts';
import type { ElementStrings } from '../elements/strings.ts';

/** Properties that every element takes. */
interface Common {
  /** Default: `getTidingsClient()`. */
  client?: TidingsClient | undefined;
  /** Words of this one element. */
  strings?: Partial<ElementStrings> | undefined;
}

/** The attributes and properties of each element, by its name, for the types of frameworks. */
export interface TidingsElements {
  'tidings-activity': Common & {
    /** As `project:12`. */
    room?: string | undefined;
    newest?: 'first' | 'last' | undefined;
    /** The text of an event; null leaves it out. */
    describe?: ((event: RoomEvent) => string | null | undefined) | undefined;
  };
  'tidings-bell': Common;
  'tidings-file-dialog': Common;
  'tidings-health': Common & {
    /** The hours that are shown at first. */
    hours?: number | string | undefined;
  };
  'tidings-inbox': Common;
  'tidings-presence': Common & {
    /** As `project:12`. */
    room?: string | undefined;
    /** The most that are shown by their initials. */
    max?: number | string | undefined;
  };
  'tidings-task': Common & { 'task-id'?: string | undefined; taskId?: string | undefined };
  'tidings-toasts': Common & {
    /** The most toasts at once. */
    max?: number | string | undefined;
    /** Milliseconds; errors stay 2.5 times as long. */
    duration?: number | string | undefined;
  };
}
