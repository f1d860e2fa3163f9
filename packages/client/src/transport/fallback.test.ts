import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fallbackTransport } from './fallback.ts';
import { transportContract } from './transport.contract.ts';
import type { Transport, TransportEvents } from './transport.ts';

transportContract('a fallback', () => fallbackTransport());

/** A transport in memory, whose connections a test plays. */
class PlayedTransport implements Transport {
  readonly name: string;
  /** The connections that are open. */
  readonly open = new Set<TransportEvents>();
  asked = 0;
  isRefused = false;
  /** True if it is not to be had here, as a WebSocket in a runtime without one. */
  isMissing = false;

  constructor(name: string) {
    this.name = name;
  }

  connect(_address: unknown, events: TransportEvents) {
    this.asked++;
    if (this.isMissing) throw new TypeError('it is not a constructor');
    this.open.add(events);
    if (this.isRefused) queueMicrotask(() => this.end(events));
    return { traits: { silenceMs: 60_000 }, send() {}, close: () => void this.open.delete(events) };
  }

  get newest(): TransportEvents {
    return [...this.open].at(-1) as TransportEvents;
  }

  end(events = this.newest): void {
    if (this.open.delete(events)) events.closed({ code: 1006, reason: '' });
  }
}

describe('a fallback on another transport than the first', () => {
  const address = { url: new URL('http://localhost/'), token: '', query: {} };
  let first: PlayedTransport;
  let second: PlayedTransport;
  let transport: Transport;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    first = new PlayedTransport('the first');
    second = new PlayedTransport('the second');
    transport = fallbackTransport({ transports: [first, second] });
  });
  afterEach(() => void vi.useRealTimers());

  async function connect() {
    const texts: string[] = [];
    const closes: unknown[] = [];
    const connection = transport.connect(address, {
      receive: (text) => texts.push(text),
      closed: (close) => closes.push(close),
    });
    await vi.advanceTimersByTimeAsync(1);
    return { connection, texts, closes };
  }

  test('looks every five minutes whether the first works by now, and is cut for it then', async () => {
    first.isRefused = true;
    const { texts, closes } = await connect();
    expect(transport.name).toBe('the first');
    second.newest.receive('greeting');
    expect(transport.name).toBe('the second');
    await vi.advanceTimersByTimeAsync(300_000);
    expect([first.asked, first.open.size, closes]).toEqual([2, 0, []]);
    first.isRefused = false;
    await vi.advanceTimersByTimeAsync(300_000);
    expect(first.asked).toBe(3);
    second.newest.receive('news');
    first.newest.receive('a greeting of the probe');
    expect(texts).toEqual(['greeting', 'news']);
    expect(closes).toEqual([{ code: 1006, reason: '{"retry_after_ms":0}' }]);
    expect([first.open.size, second.open.size]).toEqual([0, 0]);
    expect(transport.name).toBe('the second');
    await connect();
    first.newest.receive('greeting');
    expect([first.open.size, second.open.size, transport.name]).toEqual([1, 0, 'the first']);
  });

  test('reports that the one which worked fails, where the first is not to be had', async () => {
    first.isMissing = true;
    await connect();
    second.newest.receive('greeting');
    second.end();
    second.isRefused = true;
    const { closes } = await connect();
    expect([first.asked, second.asked, closes]).toEqual([2, 2, [{ code: 1006, reason: '' }]]);
    second.isMissing = true;
    await expect(connect()).rejects.toThrow('it is not a constructor');
  });

  test('gives up a look that nothing answers, and looks again later; none outlives the connection', async () => {
    const { connection } = await connect();
    await vi.advanceTimersByTimeAsync(3_000);
    second.newest.receive('greeting');
    await vi.advanceTimersByTimeAsync(300_000);
    expect([first.asked, first.open.size]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(first.open.size).toBe(0);
    await vi.advanceTimersByTimeAsync(300_000);
    expect([first.asked, first.open.size]).toEqual([3, 1]);
    connection.close();
    expect([first.open.size, second.open.size]).toEqual([0, 0]);
    await vi.advanceTimersByTimeAsync(900_000);
    expect(first.asked).toBe(3);
  });

  test('does not look for one that delivers frames and is cut again and again', async () => {
    for (let cut = 0; cut < 3; cut++) {
      await connect();
      first.newest.receive('greeting');
      first.end();
    }
    const { closes } = await connect();
    second.newest.receive('greeting');
    await vi.advanceTimersByTimeAsync(900_000);
    expect([first.asked, closes]).toEqual([3, []]);
  });
});
