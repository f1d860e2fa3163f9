import type { Command } from 'commander';
import { taskList } from './task-list.ts';
import { taskLog } from './task-log.ts';
import { taskRun } from './task-run.ts';
import { taskShow } from './task-show.ts';
import { taskCancel, taskRetry } from './task-steer.ts';
import { taskWatch } from './task-watch.ts';

/** `tidings task`: tasks, and programs that are run as one. */
export function task(program: Command): void {
  const command = program
    .command('task')
    .description('run a program as a task; list, watch, cancel and retry tasks')
    // The flags of a program that is run are its own.
    .enablePositionalOptions();
  for (const add of [taskRun, taskList, taskShow, taskLog, taskWatch, taskCancel, taskRetry]) add(command);
}
