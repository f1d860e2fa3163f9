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

/** Goes through the content of documents. Large ones take a second or more, so each has a thread of its own, one after another. */
export class ContentWork {
  readonly #turns = new Turns(1);

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
    return this.#turns.run(owner, () => inThread(task)) as Promise<ContentResults[Task['do']]>;
  }
}

function inThread(task: ContentTask): Promise<unknown> {
  const worker = new Worker(threadModule);
  let timer: NodeJS.Timeout | undefined;
  const done = new Promise((resolve, reject) => {
    timer = setTimeout(() => {
      const message = `it takes longer than ${longestMs / 1_000} s to go through this document; divide it into several`;
      reject(new TidingsError('payload_too_large', message));
      void worker.terminate();
    }, longestMs);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread for the content of documents ended with code ${code}`)));
    worker.postMessage(task);
  });
  return done.finally(() => clearTimeout(timer));
}
