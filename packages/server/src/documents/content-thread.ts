import { parentPort } from 'node:worker_threads';
import * as yjs from 'yjs';
import { type ContentTask, doTask } from './content-tasks.ts';

/** A thread that does tasks on the content of documents, one after another, until it is ended. */
parentPort?.on('message', (task: ContentTask) => parentPort?.postMessage(doTask(yjs, task)));
