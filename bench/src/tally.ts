import type { Load, Received } from './load/messages.ts';

/** Deliveries that were owed and did not come, and those that came twice, or to somebody else. */
export interface Tally {
  lost: number;
  wrong: number;
}

/** Compares what was answered as accepted with what was received. */
export function tally(audience: Load['audience'], accepted: Uint32Array, received: Received): Tally {
  return audience === 'user' ? tallyUsers(accepted, received) : tallyEverybody(accepted, received);
}

/** Each notification went to the socket of its own user, and every frame was read. */
function tallyUsers(accepted: Uint32Array, { perSocket, numbers, readers }: Received): Tally {
  const came = new Set<number>();
  let wrong = 0;
  numbers.forEach((number, i) => {
    if (readers[i] !== number % perSocket.length || came.has(number)) wrong++;
    else came.add(number);
  });
  return { lost: missing(accepted, came), wrong };
}

/** Every socket is owed everything: all are counted, and on those that were read each notification is looked for. */
function tallyEverybody(accepted: Uint32Array, { perSocket, numbers, readers }: Received): Tally {
  const perReader = new Map<number, Set<number>>();
  let wrong = 0;
  readers.forEach((socket, i) => {
    const came = perReader.get(socket) ?? new Set();
    perReader.set(socket, came);
    if (came.has(numbers[i] as number)) wrong++;
    came.add(numbers[i] as number);
  });
  let lost = 0;
  perSocket.forEach((count, socket) => {
    const came = perReader.get(socket);
    const counted = Math.max(0, accepted.length - count);
    lost += came ? missing(accepted, came) : counted;
    if (!came) wrong += Math.max(0, count - accepted.length);
  });
  return { lost, wrong };
}

const missing = (accepted: Uint32Array, came: ReadonlySet<number>): number =>
  accepted.reduce((count, number) => count + (came.has(number) ? 0 : 1), 0);
