import type { ConnectedUser, Connection } from '@tidings/protocol';
import type { ConnectedUsers } from '../commands/context.ts';
import type { Clock, Ephemeral } from '../domain/ports.ts';
import type { Registry } from '../session/registry.ts';
import { localConnections, localUsers, probeTimeout } from './local-connections.ts';
import { NodeDirectory } from './node-directory.ts';
import { NodeQuestions } from './node-questions.ts';

/** Time limit of other nodes' answers, ms. */
const answerTimeout = 1_000;

/** Asks this node and all others who is connected. */
export class NodeUsers implements ConnectedUsers {
  readonly #nodes: NodeDirectory;
  readonly #users: NodeQuestions<null, ConnectedUser>;
  readonly #connections: NodeQuestions<{ userId: string; probe: boolean }, Connection>;

  /** @param node this node's name, another for each start */
  constructor(node: string, registry: Registry, ephemeral: Ephemeral, clock: Clock) {
    this.#nodes = new NodeDirectory(node, ephemeral, clock);
    const parts = { ephemeral, nodes: this.#nodes, clock };
    this.#users = new NodeQuestions('users', parts, async () => localUsers(registry));
    this.#connections = new NodeQuestions('connections', parts, ({ userId, probe }) =>
      localConnections({ registry, clock }, userId, probe),
    );
  }

  /** Once, as soon as ephemeral channels are open: makes this node and the others known to each other. */
  arrive(): void {
    this.#nodes.arrive();
  }

  async users(): Promise<ConnectedUser[]> {
    const users = new Map<string, ConnectedUser>();
    for (const user of await this.#users.ask(null, answerTimeout)) {
      const elsewhere = users.get(user.user_id)?.connections ?? 0;
      users.set(user.user_id, { ...user, connections: user.connections + elsewhere });
    }
    return [...users.values()];
  }

  async ids(): Promise<string[]> {
    return (await this.users()).map(({ user_id }) => user_id);
  }

  connections(userId: string, probe: boolean): Promise<Connection[]> {
    const timeout = answerTimeout + (probe ? probeTimeout : 0);
    return this.#connections.ask({ userId, probe }, timeout);
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
}
