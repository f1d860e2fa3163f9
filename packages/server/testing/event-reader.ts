import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { until } from './world.ts';

/** One event as the standard has it: `id` is the last that came, with it or before. */
interface StreamEvent {
  id: string;
  type: string;
  data: string;
  /** True if the event itself brought an id. */
  hasId: boolean;
}

type Frame = Record<string, unknown>;

/** Reads one stream of events as the standard says (HTML, section 9.2.6), and keeps all of it. It never reconnects. */
export class EventReader {
  readonly events: StreamEvent[] = [];
  /** The frames of its events, but for named ones. */
  readonly frames: Frame[] = [];
  head: { status: number; headers: IncomingHttpHeaders } | null = null;
  /** All that came, as it came. */
  text = '';
  retry: number | null = null;
  isOver = false;
  /** True if the body was complete: it ended, and was not cut. */
  isComplete = false;
  response: IncomingMessage | null = null;
  readonly #request: ReturnType<typeof get>;
  readonly #onFrame: (frame: Frame) => void;
  #rest = '';
  #lastId = '';
  #event = { type: '', data: [] as string[], hasId: false };

  constructor(url: string, headers: Record<string, string>, onFrame: (frame: Frame) => void = () => {}) {
    this.#onFrame = onFrame;
    this.#request = get(url, { headers, agent: false }, (response) => {
      this.response = response;
      this.head = { status: response.statusCode as number, headers: response.headers };
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#read(text));
      response.on('error', () => {});
      response.on('close', () => {
        this.isComplete = response.complete;
        this.isOver = true;
      });
    });
    this.#request.on('error', () => {
      this.isOver = true;
    });
  }

  of(type: string): Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** The last event of a stream that the server ended. */
  get closed(): { code: number; reason: string } | null {
    const last = this.events.find(({ type }) => type === 'closed');
    return last ? JSON.parse(last.data) : null;
  }

  /** The id with which a browser would come back. */
  get lastEventId(): string {
    return this.#lastId;
  }

  async got(type: string, count = 1): Promise<Frame> {
    await until(() => this.of(type).length >= count || this.isOver);
    return this.of(type)[count - 1] as Frame;
  }

  async over(): Promise<this> {
    await until(() => this.isOver);
    return this;
  }

  cut(): void {
    this.#request.destroy();
  }

  #read(text: string): void {
    this.text += text;
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() as string;
    for (const line of lines) this.#readLine(line);
  }

  #readLine(line: string): void {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) as unknown as [string, string, string?];
    if (line === '') this.#dispatch();
    else if (name === 'data') this.#event.data.push(value);
    else if (name === 'event') this.#event.type = value;
    else if (name === 'retry') this.retry = Number(value);
    else if (name === 'id') {
      this.#lastId = value;
      this.#event.hasId = true;
    }
  }

  #dispatch(): void {
    const { type, data, hasId } = this.#event;
    this.#event = { type: '', data: [], hasId: false };
    if (data.length === 0) return;
    const event = { id: this.#lastId, type: type || 'message', data: data.join('\n'), hasId };
    this.events.push(event);
    if (event.type !== 'message') return;
    const frame = JSON.parse(event.data) as Frame;
    this.frames.push(frame);
    this.#onFrame(frame);
  }
}
