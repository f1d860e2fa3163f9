import type { WebsocketProvider } from 'y-websocket';
import { type Doc, encodeStateVector, type Transaction } from 'yjs';
import { isAnswer, isQuestion, isRefusal, syncQuestion } from './document-messages.ts';
import type { TokenSource } from './options.ts';
import { tokenOf } from './token.ts';

export { type DocumentVersions, documentVersions } from './documents/document-versions.ts';
export type { DocumentVersionsSnapshot } from './documents/version-list.ts';

export interface DocumentState {
  /**
   * `loading` until the document has come; then `saved` if everything that was changed here is stored, `saving` while it is not, `offline`
   * where the connection is lost or the server does not answer: the provider comes back by itself, with what was changed meanwhile. `refused` where
   * something was changed here and this user may only read: it is not stored, unless the right to write comes. `closed` where the server has refused the
   * document for good.
   */
  readonly status: 'loading' | 'saving' | 'saved' | 'offline' | 'refused' | 'closed';
  /** True while this user may read the document and not change it, as the server has said last: make the editor read-only then. */
  readonly readOnly: boolean;
  /** True while changes that were made here may not be stored: they are lost if the page is closed. */
  readonly unsaved: boolean;
  /** A sentence for developers where the status is `closed`, else null. */
  readonly reason: string | null;
}

type FetchToken = () => Promise<string | { token: string } | null>;

export interface DocumentOptions {
  /**
   * Gives the token, or an object with it as `token`, for the first connection and, whenever it has run out, for the next. Nothing (null, '') closes the
   * document, for a user who has signed out. While it rejects it is called again, after 1 s, then less and less often, up to 30 s. Leave it out where
   * cookies say who connects.
   */
  fetchToken?: FetchToken;
}

/** The state of a provider's document, live, until `close()`. It also renews the provider's tokens. */
export interface FollowedDocument {
  getSnapshot(): DocumentState;
  /** Calls the listener after each change of the state. @returns a function that removes the listener */
  onChange(listener: () => void): () => void;
  /** Ends it: the state changes no more. The provider stays as it is; its `destroy()` ends that. */
  close(): void;
}

/** Time between a change and the question if it is stored, ms: what is typed meanwhile is asked for with it. */
const askMs = 250;
/** Time without a connection after which one is offline, ms: a new token takes less. */
const graceMs = 1_000;
/** Time after which a server that does not answer is taken as unreachable, ms; where the browser says that it has no network, the shorter one. */
const answerMs = { longest: 5_000, withoutNetwork: 1_000 };
const retryMs = { first: 1_000, most: 30_000 };

/**
 * Follows the document of a y-websocket 3 provider: tells whether what is changed here is stored, and has a new token for it when the old one has run
 * out. With `fetchToken`, make the provider with `connect: false`; it connects with the first token. Leave `resyncInterval` out.
 */
export const followDocument = (provider: WebsocketProvider, options: DocumentOptions = {}): FollowedDocument =>
  new Follower(provider, options);

class Follower implements FollowedDocument {
  readonly #provider: WebsocketProvider;
  readonly #fetchToken: DocumentOptions['fetchToken'];
  readonly #listeners = new Set<() => void>();
  readonly #closed = new AbortController();
  #state: DocumentState = { status: 'loading', readOnly: false, unsaved: false, reason: null };
  /** Changes that were made here, and how many of them the server has said to be stored. */
  #changes = 0;
  #stored = 0;
  /** The value of `#changes` after the last change by this page's user. Later ones came from a store in the browser, which has them from the server. */
  #own = 0;
  /** The changes that the question under way is about; null if there is none. */
  #asked: number | null = null;
  #isLoaded = false;
  #isReadOnly = false;
  /** True once the server has asked on this connection for what it lacks, which it asks only those who may write. */
  #wasAsked = false;
  #isOffline = false;
  #isRenewing = false;
  #renewals = 0;
  #reason: string | null = null;
  #socket: WebSocket | null = null;
  #askTimer: ReturnType<typeof setTimeout> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  #offlineTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(provider: WebsocketProvider, { fetchToken }: DocumentOptions) {
    this.#provider = provider;
    this.#fetchToken = fetchToken;
    this.#isLoaded = provider.synced;
    provider.on('status', this.#connecting);
    provider.on('sync', this.#synced);
    provider.on('connection-close', this.#lost);
    provider.on('closed', this.#refused);
    provider.doc.on('update', this.#changed);
    globalThis.addEventListener?.('online', this.#reconnect, { signal: this.#closed.signal });
    globalThis.addEventListener?.('offline', this.#check, { signal: this.#closed.signal });
    this.#connecting();
    if (fetchToken && !provider.ws) this.#renew(fetchToken);
  }

  getSnapshot = (): DocumentState => this.#state;

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    const provider = this.#provider;
    provider.off('status', this.#connecting);
    provider.off('sync', this.#synced);
    provider.off('connection-close', this.#lost);
    provider.off('closed', this.#refused);
    provider.doc.off('update', this.#changed);
    this.#closed.abort();
    this.#listeners.clear();
    for (const timer of [this.#askTimer, this.#answerTimer, this.#offlineTimer]) clearTimeout(timer);
  }

  /** A new socket: its first answer is the one that the provider has asked for, the others are ours. */
  #connecting = (): void => {
    const { ws } = this.#provider;
    if (!ws || ws === this.#socket) return;
    this.#socket = ws;
    this.#asked = null;
    // The question came before the document.
    this.#wasAsked = this.#provider.synced;
    let isOurs = this.#provider.synced;
    const receive = ({ data }: MessageEvent): void => {
      if (ws !== this.#provider.ws || !(data instanceof ArrayBuffer)) return;
      const message = new Uint8Array(data);
      if (isQuestion(message)) this.#mayWrite();
      else if (isRefusal(message)) this.#isReadOnly = true;
      else if (isAnswer(message)) {
        if (isOurs) this.#answered();
        isOurs = true;
      } else return;
      this.#emit();
    };
    ws.addEventListener('message', receive, { signal: this.#closed.signal });
  };

  #synced = (isSynced: boolean): void => {
    if (!isSynced) return;
    clearTimeout(this.#offlineTimer);
    this.#offlineTimer = undefined;
    this.#isOffline = false;
    this.#isLoaded = true;
    this.#isReadOnly = !this.#wasAsked;
    this.#renewals = 0;
    this.#ask();
    this.#emit();
  };

  /** A change that the provider brings without a connection is of another tab of this browser: it is sent from here too. */
  #changed = (_update: Uint8Array, origin: unknown, _doc: Doc, { local }: Transaction): void => {
    if (origin === this.#provider && this.#provider.wsconnected) return;
    this.#changes++;
    if (local) this.#own = this.#changes;
    this.#askTimer ??= setTimeout(this.#ask, askMs);
    this.#emit();
  };

  /** The server has asked for what it lacks: it takes changes of this user. */
  #mayWrite(): void {
    this.#wasAsked = true;
    this.#isReadOnly = false;
    this.#ask();
  }

  /** Asks what the server has beyond this document. It answers once what was sent before is stored. */
  #ask = (): void => {
    clearTimeout(this.#askTimer);
    this.#askTimer = undefined;
    if (this.#asked === null && this.#changes > this.#stored && !this.#isReadOnly) this.#check();
  };

  /** Asks, whatever has changed, unless it has asked already, and waits for the answer. A server on the same machine answers without a network. */
  #check = (): void => {
    const { ws, doc, synced } = this.#provider;
    if (!ws || !synced) return;
    if (this.#asked === null) {
      this.#asked = this.#changes;
      ws.send(syncQuestion(encodeStateVector(doc)));
    }
    clearTimeout(this.#answerTimer);
    const waitMs = globalThis.navigator?.onLine === false ? answerMs.withoutNetwork : answerMs.longest;
    this.#answerTimer = setTimeout(() => {
      this.#isOffline = true;
      this.#emit();
      this.#reconnect();
    }, waitMs);
  };

  #answered(): void {
    if (this.#asked === null) return;
    clearTimeout(this.#answerTimer);
    if (!this.#isReadOnly) this.#stored = this.#asked;
    this.#asked = null;
    if (this.#changes > this.#stored) this.#askTimer ??= setTimeout(this.#ask, askMs);
  }

  #lost = (event: CloseEvent | null): void => {
    clearTimeout(this.#answerTimer);
    this.#asked = null;
    this.#offlineTimer ??= setTimeout(() => {
      this.#isOffline = true;
      this.#emit();
    }, graceMs);
    if (event?.code === tokenExpired && this.#fetchToken) this.#renew(this.#fetchToken);
  };

  /** Has a provider connect at once that waits to, or that has a connection which gives no answer. */
  #reconnect = (): void => {
    if (!this.#provider.shouldConnect || (this.#provider.synced && !this.#isOffline)) return;
    this.#provider.disconnect();
    this.#provider.connect();
  };

  #refused = ({ code, reason }: { code: number; reason: string }): void => {
    this.#reason = reason || `the server has closed the document (${code})`;
    this.#emit();
  };

  /** Keeps the provider disconnected until there is a new token. Tokens that run out before the document has come are asked for less and less often. */
  async #renew(fetchToken: FetchToken): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    this.#provider.shouldConnect = false;
    for (;;) {
      if (this.#renewals > 0) await pause(Math.min(retryMs.first * 2 ** (this.#renewals - 1), retryMs.most));
      if (this.#closed.signal.aborted) return;
      this.#renewals++;
      try {
        const token = await tokenOf(fetchToken as TokenSource);
        if (this.#closed.signal.aborted) return;
        this.#isRenewing = false;
        if (token === '') this.#refused({ code: 0, reason: 'nobody is signed in any more' });
        else {
          this.#provider.params = { ...this.#provider.params, token };
          this.#provider.connect();
        }
        return;
      } catch {
        this.#isOffline = true;
        this.#emit();
      }
    }
  }

  #emit(): void {
    const readOnly = this.#isReadOnly;
    const unsaved = (readOnly ? this.#own : this.#changes) > this.#stored;
    const state: DocumentState = { status: this.#status(unsaved), readOnly, unsaved, reason: this.#reason };
    const before = this.#state;
    if (state.status === before.status && readOnly === before.readOnly && unsaved === before.unsaved) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #status(unsaved: boolean): DocumentState['status'] {
    if (this.#reason !== null) return 'closed';
    if (this.#isOffline) return 'offline';
    if (!this.#isLoaded) return 'loading';
    if (!unsaved) return 'saved';
    return this.#isReadOnly ? 'refused' : 'saving';
  }
}

/** The close code of a token that has run out. */
const tokenExpired = 4501;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
