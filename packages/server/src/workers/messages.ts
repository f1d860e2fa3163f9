import type { ErrorCode } from '@tidings/protocol';
import type { MetricLines } from '../telemetry/prometheus.ts';

/** Messages of a worker to the process that started it. Texts that others are to have are passed on as they are. */
export type WorkerMessage =
  /** A request to the thread that writes, as JSON. */
  | readonly ['write', request: string]
  /** A committed batch, as JSON. */
  | readonly ['batch', batch: string]
  | readonly ['text', channel: string, text: string]
  /** Asks for the metrics of all workers. */
  | readonly ['ask metrics', question: number]
  | readonly ['metrics', round: number, own: readonly MetricLines[]]
  | readonly ['ready', url: string]
  | readonly ['failed', code: ErrorCode, message: string];

/** Messages to a worker. */
export type PrimaryMessage =
  /** The answer to a request of it, whose number it has. */
  | readonly ['written', answer: string]
  | readonly ['writer ended', reason: string]
  /** A batch of another worker. */
  | readonly ['batch', batch: string]
  /** A text of another worker. */
  | readonly ['text', channel: string, text: string]
  | readonly ['tell metrics', round: number]
  /** The answer to its question: of each worker that answered. */
  | readonly ['metrics', question: number, ofWorkers: readonly (readonly MetricLines[])[]]
  | readonly ['stop'];

/** One end of the channel between the processes. What is sent after the other end is gone is dropped. */
export interface Channel<Out, In> {
  send(message: Out): void;
  onMessage(listener: (message: In) => void): void;
}

export interface WorkerChannel extends Channel<WorkerMessage, PrimaryMessage> {
  /** The number of the worker. */
  readonly number: number;
}
export type PrimaryChannel = Channel<PrimaryMessage, WorkerMessage>;
