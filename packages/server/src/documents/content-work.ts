import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { TidingsError } from '@tidings/protocol';
import { Turns } from '../domain/turns.ts';
import type { ContentResults, ContentTask } from './content-tasks.ts';
import { loadYjs } from './yjs-document.ts';

/** States up to this size are gone through in this thread, bytes: another takes longer to start. */
const smallBytes = 131_072;

/** The thread's module, beside this one: the source in the repository, the build when published. */
const threadModule = new URL(
  import.meta.url.endsWith('.ts') ? './content-thread.ts' : './content-thread.js',
  import.meta.url,
);

/** The longest time that a task may take, ms: others wait for it. */
const longestMs = 20_000;
/** Time for which the thread waits for another task, ms: a new one is slow at first. */
const idleMs = 30_000;

/** Goes through the content of documents. Large ones take a second or more, so they have a thread, one after another. */
export class ContentWork {
  readonly #turns = new Turns(1);
  #thread: Worker | null = null;
  #idleTimer: NodeJS.Timeout | undefined;

  /**
   * Does a task when its turn comes.
   * @param owner those of one wait for each other, and hold up others by one at most
   * @throws TidingsError `payload_too_large` where it takes too long
   */
  async run<Task extends ContentTask>(owner: string, task: Task): Promise<ContentResults[Task['do']]> {
    const bytes = task.state.length + (task.do === 'change' ? task.version.length : 0);
    if (bytes <= smallBytes) {
      // Loaded when it is asked for, as Yjs is.
      const { doTask } = await import('./content-tasks.ts');
      return doTask(await loadYjs(), task) as ContentResults[Task['do']];
    }
    return this.#turns.run(owner, () => this.#inThread(task)) as Promise<ContentResults[Task['do']]>;
  }

  /** Ends the thread. A task that is under way rejects. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate();
  }

  async #inThread(task: ContentTask): Promise<unknown> {
    clearTimeout(this.#idleTimer);
    this.#thread ??= startThread();
    this.#thread.ref();
    try {
      return await resultOf(this.#thread, task);
    } catch (error) {
      // The next task has another one, whatever this one still does.
      void this.close();
      throw error;
    } finally {
      this.#thread?.unref();
      this.#idleTimer = setTimeout(() => void this.close(), idleMs).unref();
    }
  }
}

function startThread(): Worker {
  const thread = new Worker(threadModule);
  // A task hears of it by itself.
  return thread.on('error', () => {});
}

/** Has the thread do a task. */
async function resultOf(thread: Worker, task: ContentTask): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const answered = once(thread, 'message', { signal }).then(([result]) => result);
  const ended = once(thread, 'exit', { signal }).then(([code]) => {
    throw new Error(`the thread for the content of documents ended with code ${code}`);
  });
  const late = delay(longestMs, null, { signal }).then(() => {
    const message = `it takes longer than ${longestMs / 1_000} s to go through this document; divide it into several`;
    throw new TidingsError('payload_too_large', message);
  });
  thread.postMessage(task);
  try {
    return await Promise.race([answered, ended, late]);
  } finally {
    over.abort();
  }
}
