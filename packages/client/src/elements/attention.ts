import type { TidingsClient } from '../client.ts';

/**
 * Decides which of a user's open pages may interrupt: of the visible ones, the one focused last.
 * That page holds a Web Lock, so that a page that crashes or is closed gives it up by itself. Every visible page may interrupt if
 * locks are missing (the page is not served securely) or refused (third-party cookies are blocked, or the frame is sandboxed).
 */
export class Attention {
  #name: string | null = null;
  #claim: AbortController | null = null;
  #holding = false;
  #areLocksRefused = !navigator.locks;
  readonly #onChange: () => void;

  /** `onChange` is called when `here` may have changed. */
  constructor(onChange = () => {}) {
    this.#onChange = onChange;
  }

  /** True if this page may interrupt now. */
  get here(): boolean {
    return document.visibilityState === 'visible' && (this.#holding || this.#areLocksRefused);
  }

  /** Takes part with all pages of the client's user that interrupt in this way. @returns what ends it */
  follow(client: TidingsClient, way: string): (() => void)[] {
    const enter = () => {
      const name = client.state.user && `tidings-${way} ${client.state.user.id}`;
      if (name === this.#name) return;
      this.#release();
      this.#name = name;
      this.#review();
    };
    addEventListener('focus', this.#take);
    document.addEventListener('visibilitychange', this.#review);
    enter();
    const leave = () => {
      removeEventListener('focus', this.#take);
      document.removeEventListener('visibilitychange', this.#review);
      this.#release();
      this.#name = null;
    };
    return [client.onState(enter), leave];
  }

  readonly #review = (): void => {
    if (document.visibilityState !== 'visible') this.#release();
    else if (document.hasFocus()) this.#take();
    else this.#request(false);
    this.#onChange();
  };

  readonly #take = (): void => {
    if (this.#holding) return;
    this.#release();
    this.#request(true);
  };

  #release(): void {
    this.#claim?.abort();
    this.#claim = null;
    this.#holding = false;
  }

  /**
   * Holds the lock until the claim is aborted. A page that loses it to another asks again, and waits. After a refusal it waits until
   * the page is shown or focused again: to ask again at once would never end.
   */
  #request(steal: boolean): void {
    if (this.#claim || !this.#name || !navigator.locks) return;
    const claim = new AbortController();
    this.#claim = claim;
    this.#holding = steal;
    const hold = () => {
      if (claim.signal.aborted) return;
      this.#holding = true;
      this.#areLocksRefused = false;
      this.#onChange();
      return new Promise<void>((done) => claim.signal.addEventListener('abort', () => done()));
    };
    const options = steal ? { steal } : { signal: claim.signal };
    navigator.locks.request(this.#name, options, hold).catch(({ name }: DOMException) => {
      if (this.#claim !== claim) return;
      this.#release();
      if (name === 'AbortError') this.#request(false);
      else {
        this.#areLocksRefused = true;
        this.#onChange();
      }
    });
  }
}
