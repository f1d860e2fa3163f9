import type { Sender } from '@tidings/sender';
import type { Choices } from './choices.ts';
import type { Person } from './oracle.ts';

/** Servers that a part plays on. */
export interface Ground {
  /** For clients, each through the network before a server. */
  urls: readonly string[];
  /** A token for a user with rights in rooms, as `project:12:rw`. */
  token(sub: string, grants: readonly string[]): string;
  sender: Sender;
  choices: Choices;
  people: readonly Person[];
}

/** The result of a judgement. */
export interface Finding {
  /** By the heads of the columns of its table. */
  counts: Record<string, number>;
  /** The faults that were found, as sentences; none if all is as it has to be. */
  stories: string[];
}

/** Something that goes on beside the notifications while something fails, and is judged by itself. */
export interface Part {
  readonly name: string;
  open(): Promise<void>;
  /** Called before each fault, when all is well. */
  prepare(): Promise<void>;
  /** Called about 30 times a second under load. */
  tick(): void;
  /** Called as a fault strikes: something ends in the middle of it. */
  strike(): Promise<void>;
  /** Called when the load is over. Judges all since the last time. */
  judge(): Promise<Finding>;
  close(): Promise<void>;
}

/** The longest time that a part waits for what has to come, ms. */
export const longest = 60_000;
