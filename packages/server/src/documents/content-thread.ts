import { parentPort } from 'node:worker_threads';
import * as yjs from 'yjs';
import { type ContentTask, doTask } from './content-tasks.ts';

/** A thread that does one task on the content of documents, and ends. */
parentPort?.once('message', (task: ContentTask) => parentPort?.postMessage(doTask(yjs, task)));
