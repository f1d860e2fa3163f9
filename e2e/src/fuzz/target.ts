import type { IAsyncProperty } from 'fast-check';
import type { AttackedServer } from '../attacks/attacked-server.ts';

/** A part of the server that is fuzzed. */
export interface Target {
  /** As `--only` names it. */
  name: string;
  /** The rule that holds for every input. It throws where it does not. */
  property(server: AttackedServer): Promise<IAsyncProperty<unknown>>;
}

let people = 0;
/** A user that nobody was before, whose limits are whole. */
export const someone = (): string => `f${++people}`;
