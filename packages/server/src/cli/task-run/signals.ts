import { exitCodes } from '../failure.ts';

// Named here as well as for servers: a module that both load would be one more file to read as a server starts.
const names: NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  ...(process.platform === 'win32' ? (['SIGBREAK'] as const) : []),
];

/** The signals that ask this process to end, from the start on. Before anybody listens, a second one ends it. */
export class Signals {
  readonly #came: NodeJS.Signals[] = [];
  #listener = (signal: NodeJS.Signals): void => {
    if (this.#came.length > 0) process.exit(exitCodes.failed);
    this.#came.push(signal);
  };

  constructor() {
    for (const name of names) process.on(name, (signal) => this.#listener(signal));
  }

  listen(listener: (signal: NodeJS.Signals) => void): void {
    this.#listener = listener;
    for (const signal of this.#came) listener(signal);
  }
}
