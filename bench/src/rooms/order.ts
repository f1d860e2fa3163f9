import type { ServerName } from './dialects.ts';

/** One play against one server. */
export interface PlayOrder {
  play: 'cursors' | 'typing' | 'messages' | 'many';
  server: ServerName;
  port: number;
  /** The server's process. */
  pid: number;
  tokens: readonly string[];
  seconds: number;
  perSecond: number;
  rooms: number;
}

export type Figures = Record<string, number>;
export type PlayAnswer = { figures: Figures } | { failed: string };
