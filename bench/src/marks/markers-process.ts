// The process of one user who marks notifications as read and unread again, on several sockets at once.
import { setTimeout as pause } from 'node:timers/promises';

export type MarkersOrder =
  | { do: 'open'; url: string; token: string; sockets: number; ids: readonly string[] }
  | { do: 'go' }
  | { do: 'stop' };

export interface MarkersAnswer {
  /** Notifications that were marked since `go`. */
  marked: number;
  /** Actions that were refused, and sent again after the time that was told. */
  refused: number;
}

/** The most ids that one action names. */
const idsAtOnce = 1_000;

interface Reply {
  type: string;
  ref?: number;
  marked?: number;
  retry_after_ms?: number;
}

class Marker {
  readonly #socket: WebSocket;
  #answered: (reply: Reply) => void = () => {};

  private constructor(address: string) {
    this.#socket = new WebSocket(address);
  }

  /** Resolves when it is caught up. */
  static open(address: string): Promise<Marker> {
    const marker = new Marker(address);
    return new Promise((resolve, reject) => {
      marker.#socket.onclose = ({ code, reason }) => {
        const error = new Error(`a socket that marks was closed with ${code} ${reason}`);
        reject(error);
        marker.#answered({ type: error.message });
      };
      marker.#socket.onmessage = ({ data }) => {
        const text = String(data);
        if (text.startsWith('{"type":"synced"')) resolve(marker);
        // Answers end with their reference, and only errors among them begin with their type.
        else if (text.startsWith('{"type":"error"') || text.includes('"type":"reply","ref":')) {
          marker.#answered(JSON.parse(text));
        }
      };
    });
  }

  ask(action: object): Promise<Reply> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.send(JSON.stringify({ ...action, ref: 1 }));
    });
  }
}

let markers: Marker[] = [];
let ids: readonly string[] = [];
/** The number of the next action: all ids are read in parts, then all made unread, and so on. */
let turn = 0;
let [marked, refused, isGoing] = [0, 0, false];
let going: Promise<void>[] = [];

function nextAction(): object {
  const parts = Math.ceil(ids.length / idsAtOnce);
  const [round, part] = [Math.floor(turn / parts), turn % parts];
  turn++;
  const action = round % 2 === 0 ? 'mark_read' : 'mark_unread';
  return { action, ids: ids.slice(part * idsAtOnce, (part + 1) * idsAtOnce) };
}

/** Marks as much as the server's limits allow. */
async function keepOn(marker: Marker): Promise<void> {
  for (let action = nextAction(); isGoing; ) {
    const reply = await marker.ask(action);
    if (reply.type === 'reply') {
      marked += reply.marked ?? 0;
      action = nextAction();
    } else if (reply.retry_after_ms === undefined) throw new Error(JSON.stringify(reply));
    else {
      refused++;
      await pause(reply.retry_after_ms);
    }
  }
}

const openMarkers = (order: Extract<MarkersOrder, { do: 'open' }>): Promise<Marker[]> => {
  const address = `${order.url.replace('http', 'ws')}/ws/?token=${order.token}`;
  return Promise.all(Array.from({ length: order.sockets }, () => Marker.open(address)));
};

async function obey(order: MarkersOrder): Promise<MarkersAnswer> {
  if (order.do === 'open') {
    ids = order.ids;
    markers = await openMarkers(order);
  } else if (order.do === 'go') {
    [marked, refused, isGoing] = [0, 0, true];
    going = markers.map(keepOn);
  } else {
    isGoing = false;
    await Promise.all(going);
  }
  return { marked, refused };
}

process.on('message', (order: MarkersOrder) => {
  void obey(order).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
