import type { ConnectedUser, Connection } from '@tidings/protocol';
import type { ConnectedUsers } from '../commands/context.ts';
import type { Clock, Ephemeral } from '../domain/ports.ts';
import type { Registry } from '../session/registry.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { localConnections } from './local-connections.ts';
import { NodeDirectory } from './node-directory.ts';
import { NodeQuestions, type Rounds } from './node-questions.ts';

/** For a view, 4.5 s: senders give up after 5 s. */
const forViews: Rounds = { roundMs: 1_500, count: 3 };
/** The same where connections are probed, which is asked for once. */
const forProbes: Rounds = { roundMs: 4_500, count: 1 };
/** For what is sent to them, 6 s: longer than it takes until a node is missed. */
const forSending: Rounds = { roundMs: 1_500, count: 4 };

export interface NodeUsersParts {
  registry: Registry;
  ephemeral: Ephemeral;
  clock: Clock;
  telemetry: Telemetry;
}

/** Asks this node and all others who is connected. */
export class NodeUsers implements ConnectedUsers {
  readonly #nodes: NodeDirectory;
  readonly #users: NodeQuestions<null, ConnectedUser>;
  readonly #connections: NodeQuestions<{ userId: string; probe: boolean }, Connection>;

  /** @param node this node's name, another for each start */
  constructor(node: string, { registry, ephemeral, clock, telemetry }: NodeUsersParts) {
    this.#nodes = new NodeDirectory(node, ephemeral, clock);
    const parts = { ephemeral, nodes: this.#nodes, clock, telemetry };
    this.#users = new NodeQuestions('users', parts, async () => registry.users());
    this.#connections = new NodeQuestions('connections', parts, ({ userId, probe }) =>
      localConnections({ registry, clock }, userId, probe),
    );
  }

  /** The other nodes, for questions of other kinds. */
  get nodes(): NodeDirectory {
    return this.#nodes;
  }

  /** Once, as soon as ephemeral channels are open: makes this node and the others known to each other. */
  arrive(): void {
    this.#nodes.arrive();
  }

  users(): Promise<ConnectedUser[]> {
    return this.#ask(forViews);
  }

  async ids(): Promise<string[]> {
    return (await this.#ask(forSending)).map(({ user_id }) => user_id);
  }

  connections(userId: string, probe: boolean): Promise<Connection[]> {
    return this.#connections.ask({ userId, probe }, probe ? forProbes : forViews);
  }

  /** Announces this node to the others; once a second. */
  announce(): void {
    this.#nodes.announce();
  }

  close(): void {
    this.#nodes.close();
    this.#users.close();
    this.#connections.close();
  }

  async #ask(rounds: Rounds): Promise<ConnectedUser[]> {
    const users = new Map<string, ConnectedUser>();
    for (const user of await this.#users.ask(null, rounds)) {
      const elsewhere = users.get(user.user_id)?.connections ?? 0;
      users.set(user.user_id, { ...user, connections: user.connections + elsewhere });
    }
    return [...users.values()];
  }
}
