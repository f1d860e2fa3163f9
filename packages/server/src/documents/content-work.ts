import { Worker } from 'node:worker_threads';
import type { ContentResults, ContentTask } from './content-tasks.ts';
import { loadYjs } from './yjs-document.ts';

/** States up to this size are gone through in this thread, bytes: another takes longer to start. */
const smallBytes = 131_072;

/** The thread's module, beside this one: the source in the repository, the build when published. */
const threadModule = new URL(
  import.meta.url.endsWith('.ts') ? './content-thread.ts' : './content-thread.js',
  import.meta.url,
);

/** Goes through the content of documents. Large ones take a second or more, so each has a thread of its own, one after another. */
export class ContentWork {
  #last: Promise<unknown> = Promise.resolve();

  async run<Task extends ContentTask>(task: Task): Promise<ContentResults[Task['do']]> {
    const bytes = task.state.length + (task.do === 'change' ? task.version.length : 0);
    if (bytes <= smallBytes) {
      // Loaded when it is asked for, as Yjs is.
      const { doTask } = await import('./content-tasks.ts');
      return doTask(await loadYjs(), task) as ContentResults[Task['do']];
    }
    const done = this.#last.then(() => inThread(task));
    this.#last = done.catch(() => {});
    return done as Promise<ContentResults[Task['do']]>;
  }
}

function inThread(task: ContentTask): Promise<unknown> {
  const worker = new Worker(threadModule);
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread for the content of documents ended with code ${code}`)));
    worker.postMessage(task);
  });
}
