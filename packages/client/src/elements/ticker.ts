import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its host again and again, after `tick`, while what it shows depends on the time. */
export class Ticker implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #milliseconds: number;
  readonly #wanted: () => boolean;
  readonly #tick: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost, milliseconds: number, wanted: () => boolean, tick = () => {}) {
    this.#host = host;
    this.#milliseconds = milliseconds;
    this.#wanted = wanted;
    this.#tick = tick;
    host.addController(this);
  }

  hostUpdated(): void {
    if (!this.#wanted()) this.hostDisconnected();
    else this.#timer ??= setInterval(this.#run, this.#milliseconds);
  }

  readonly #run = (): void => {
    this.#tick();
    this.#host.requestUpdate();
  };

  hostDisconnected(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
