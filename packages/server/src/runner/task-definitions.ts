import type { StandardSchemaV1 } from '@standard-schema/spec';
import { TidingsError } from '@tidings/protocol';
import type { TaskHandler } from './task-context.ts';
import { TaskDefinition, type TaskOptions } from './task-definition.ts';

/** Says how tasks of a name are run in this process. Throws TidingsError: `bad_request` for what is no handler, `conflict` for a name that is taken. */
export interface DefineTask {
  <Input>(name: string, handler: TaskHandler<Input>): void;
  <Input>(name: string, options: TaskOptions<Input> & { input?: undefined }): void;
  <Schema extends StandardSchemaV1>(
    name: string,
    options: Omit<TaskOptions<StandardSchemaV1.InferOutput<Schema>>, 'input'> & { input: Schema },
  ): void;
}

/** The handlers of this process, each under the name of the tasks it runs. */
export class TaskDefinitions {
  readonly #definitions = new Map<string, TaskDefinition>();
  readonly #listeners: ((name: string) => void)[] = [];

  get names(): readonly string[] {
    return [...this.#definitions.keys()];
  }

  readonly define: DefineTask = (name: string, given: unknown): void => {
    if (typeof name !== 'string' || name === '' || given === null || !['function', 'object'].includes(typeof given)) {
      const got = `${name === '' ? 'an empty text' : typeof name} and ${given === null ? 'null' : typeof given}`;
      throw new TidingsError('bad_request', `tasks.define() needs a name, and a function or options; got ${got}`);
    }
    const definition = new TaskDefinition(name, given as TaskOptions<never>);
    if (this.#definitions.has(name)) throw new TidingsError('conflict', `a task named "${name}" is defined already`);
    this.#definitions.set(name, definition);
    for (const listener of this.#listeners) listener(name);
  };

  of(name: string | null): TaskDefinition | undefined {
    return this.#definitions.get(name ?? '');
  }

  /** Calls back with each name that is defined from now on. */
  onDefine(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }
}
