import type { FastifyInstance } from 'fastify';

/** The methods of each path of a server, from the routes that are registered. */
export class MethodTable {
  readonly #methods = new Map<string, Set<string>>();

  /** Must be made before there are routes. */
  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ method, url }) => {
      const methods = this.#methods.get(url) ?? new Set();
      this.#methods.set(url, methods);
      for (const one of [method].flat()) methods.add(one);
    });
  }

  /** The methods that a path takes, in the order of the alphabet; none if there is no such path. */
  of(path: string): string[] {
    const matching = [...this.#methods].filter(([url]) => isPathOf(url, path));
    return [...new Set(matching.flatMap(([, methods]) => [...methods]))].sort();
  }
}

/** True if a path is one of a route's, as `/tasks/7` of `/tasks/:id`. */
function isPathOf(url: string, path: string): boolean {
  const [asked, given] = [url.split('/'), path.split('/')];
  return (
    asked.length === given.length &&
    asked.every((part, i) => (part.startsWith(':') ? given[i] !== '' : part === given[i]))
  );
}
