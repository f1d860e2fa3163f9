import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { type BatchItem, createBatchItem } from './batch-item.ts';
import { ChangeLine } from './change-line.ts';
import { KeySet } from './ordering-keys.ts';
import { type Capacity, planRequests, type QueuedCall } from './request-plan.ts';

const options = { clock: systemClock, timeoutMs: 60_000, newKey: () => 'key', lastFailure: () => null };
const to = (...users: string[]): BatchItem =>
  createBatchItem(
    users.length > 1 ? 'atomic' : 'single',
    users.map((user) => ({ to: user === 'everyone' ? { everyone: true as const } : { user } })),
    options,
  );
const room: Capacity = { shared: 4, alone: 64, sharedBytes: 1_000_000 };

/** The places in the queue of each request's calls, and of what stays. */
function plan(queue: QueuedCall[], capacity: Partial<Capacity> = {}, underWay: BatchItem[] = []) {
  const keys = new KeySet();
  for (const item of underWay) keys.add(item.keys);
  const { requests, waiting, wakeAt } = planRequests(queue, keys, { ...room, ...capacity }, 1_000);
  return {
    requests: requests.map((calls) => calls.map((call) => queue.indexOf(call))),
    waiting: waiting.map((call) => queue.indexOf(call)),
    wakeAt,
  };
}

describe('a plan of requests', () => {
  it('puts notifications for one recipient into one request, in their order', () => {
    expect(plan([to('ann'), to('ben'), to('ann')])).toMatchObject({ requests: [[0, 1, 2]], waiting: [] });
  });

  it('holds back what has a recipient under way, and all that comes behind it for the same one', () => {
    const queue = [to('ann'), to('ben'), to('ann')];
    expect(plan(queue, {}, [to('ann')])).toMatchObject({ requests: [[1]], waiting: [0, 2] });
  });

  it('lets nothing overtake what is sent to everyone, nor the other way round', () => {
    const queue = [to('ann'), to('everyone'), to('ben')];
    expect(plan(queue, {}, [to('zoe')])).toMatchObject({ requests: [[0]], waiting: [1, 2] });
    expect(plan(queue)).toMatchObject({ requests: [[0, 1, 2]] });
    expect(plan([to('ben')], {}, [to('everyone')])).toMatchObject({ requests: [], waiting: [0] });
  });

  it('gives an atomic group a request of its own, not beside one for the same recipient', () => {
    const queue = [to('ann'), to('ben', 'cem'), to('ann', 'dan'), to('ann')];
    expect(plan(queue)).toMatchObject({ requests: [[1], [0]], waiting: [2, 3] });
  });

  it('fills several requests, none for a recipient of another', () => {
    const queue = [to('ann'), to('ben'), to('ann'), to('dan')];
    const bytes = queue.slice(0, 2).reduce((sum, call) => sum + (call as BatchItem).bytes + 1, 2);
    expect(plan(queue, { sharedBytes: bytes })).toMatchObject({ requests: [[0, 1], [3]], waiting: [2] });
    expect(plan(queue, { sharedBytes: bytes, shared: 1 })).toMatchObject({ requests: [[0, 1]], waiting: [2, 3] });
  });

  it('sends changes while notifications are gathered, as many as there is room for', () => {
    const lines = ['a', 'b', 'c'].map((id) => new ChangeLine(`task ${id}`));
    const queue = [to('ann'), ...lines, to('ben')];
    expect(plan(queue, { shared: 0, alone: 2 })).toMatchObject({ requests: [[1], [2]], waiting: [0, 3, 4] });
    expect(plan(queue, { alone: 0 })).toMatchObject({ requests: [[0, 4]], waiting: [1, 2, 3] });
  });

  it('says when what waits for a time may be sent, and drops what nobody waits for', () => {
    const [late, later, gone] = [to('ann'), to('ben'), to('cem')];
    late.notBefore = 1_500;
    later.notBefore = 2_000;
    gone.pending.succeed([]);
    expect(plan([late, later, gone])).toEqual({ requests: [], waiting: [0, 1], wakeAt: 1_500 });
  });
});
