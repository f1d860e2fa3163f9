import { TidingsError } from '@tidings/protocol';
import type { TaskHandler } from './task-context.ts';

/** The handlers of this process, each under the name of the tasks it runs. */
export class TaskDefinitions {
  readonly #handlers = new Map<string, TaskHandler>();
  readonly #listeners: ((name: string) => void)[] = [];

  get names(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  /** Throws TidingsError: `bad_request` for what is no handler, `conflict` for a name that is taken. */
  define<Input>(name: string, handler: TaskHandler<Input>): void {
    if (typeof name !== 'string' || name === '' || typeof handler !== 'function') {
      const got = `${name === '' ? 'an empty text' : typeof name} and ${typeof handler}`;
      throw new TidingsError('bad_request', `tasks.define() needs a name and a function; got ${got}`);
    }
    if (this.#handlers.has(name)) throw new TidingsError('conflict', `a task named "${name}" is defined already`);
    this.#handlers.set(name, handler as TaskHandler);
    for (const listener of this.#listeners) listener(name);
  }

  handlerOf(name: string | null): TaskHandler | undefined {
    return this.#handlers.get(name ?? '');
  }

  /** Calls back with each name that is defined from now on. */
  onDefine(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }
}
