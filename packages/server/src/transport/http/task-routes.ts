import { TidingsError } from '@tidings/protocol';
import {
  IdString,
  Task,
  TaskLogAdded,
  TaskLogInput,
  TaskLogLevel,
  TaskLogPage,
  TaskPage,
  TaskReport,
  TaskStart,
  TaskStatus,
} from '@tidings/protocol/schemas';
import Type from 'typebox';
import type { CommandContext } from '../../commands/context.ts';
import { addToTaskLog, readTaskLog } from '../../commands/task-log.ts';
import { awaitTask, cancelTask, getTask, listTasks, reportTask, retryTask, startTask } from '../../commands/tasks.ts';
import * as examples from './documents/examples/answers.ts';
import { ids } from './documents/examples/names.ts';
import { answer, commandBody, personOf } from './endpoint.ts';
import { idempotencyHeader, idOf, paging, wait, waitOptionsOf, withKey } from './parameters.ts';
import type { Routes } from './routes.ts';

const group = 'Tasks';
const params = idOf('The task: an id of the application’s, or the one the server gave', ids.task, 'task_id');
const not_found = `there is no task "${ids.task}", or it is not yours`;
const isTask = (description: string, example: Task) => ({ 200: answer(Task, description, { task: example }) });

/** The routes of tasks: back ends begin them and report on them, and owners may also read and cancel them. */
export function taskRoutes(routes: Routes, context: CommandContext): void {
  recordRoutes(routes, context);
  logRoutes(routes, context);
}

function recordRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'POST /api/v1/tasks',
    ...{ id: 'startTask', group, summary: 'Begin a task that something else reports on' },
    description: 'Without `task_id` the server makes one. With an `owner` or `followers` it is theirs alone.',
    who: 'back_end',
    status: 201,
    headers: idempotencyHeader,
    body: commandBody(TaskStart, { 'a task': examples.taskStart }, true),
    answers: { 201: answer(Task, 'Begun', { task: examples.startedTask }) },
    errors: { conflict: 'the task transfer-1002 could not be begun' },
    store: 'writes',
    handle: ({ caller, body, request }) => startTask(context, caller, withKey(body ?? {}, request)),
  });
  routes.add({
    call: 'PATCH /api/v1/tasks/{id}',
    ...{ id: 'reportTask', group, summary: 'Report on a task' },
    description:
      'What a report leaves out stays as it is. One on an unknown id creates the task. `queued` or `processing` on a failed task begins its next attempt; one that is completed or cancelled needs `restart: true`.',
    who: 'back_end',
    params,
    body: commandBody(TaskReport, examples.taskReports, true),
    answers: isTask('The task as it stands now', examples.task),
    errors: {
      conflict:
        'task transfer-1002 is completed already; report "queued" or "processing" with "restart": true to begin attempt 2',
    },
    store: 'writes',
    handle: ({ params, body }) => reportTask(context, params.id, body ?? {}),
  });
  routes.add({
    call: 'GET /api/v1/tasks',
    ...{ id: 'listTasks', group, summary: 'List tasks, newest first' },
    description: 'Back ends and administrators see all of them, a user their own.',
    who: 'either',
    query: Type.Object({
      owner: Type.Optional(Type.String({ ...IdString, description: 'Only those of this user, by id' })),
      status: Type.Optional(TaskStatus),
      name: Type.Optional(
        Type.String({
          maxLength: 256,
          description: 'Only those of this name. 1,000 tasks are looked at for a page, which may then have few or none',
        }),
      ),
      ...paging,
    }),
    answers: { 200: answer(TaskPage, 'A page', { page: examples.taskPage }) },
    store: 'reads',
    handle: ({ caller, query: { owner = null, status = null, name = null, before = null, limit = 20 } }) =>
      listTasks(context, personOf(caller), { owner, status, name, before, limit }),
  });
  routes.add({
    call: 'GET /api/v1/tasks/{id}',
    ...{ id: 'readTask', group, summary: 'Read a task' },
    description:
      'With `wait`, which back ends may ask for, it is answered once the task has changed since the rev `after`, or has ended; without `after` once it has ended. When the time is over it is answered as it stands.',
    who: 'either',
    params,
    query: Type.Object({
      after: Type.Optional(
        Type.Integer({
          ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
          description: 'The `rev` of the task as it was answered before',
        }),
      ),
      wait,
    }),
    answers: isTask('The task as it stands', examples.task),
    errors: { not_found },
    store: 'reads',
    handle({ caller, params, query, reply }) {
      const person = personOf(caller);
      if (!query.wait) return getTask(context, person, params.id);
      if (person) throw new TidingsError('bad_request', '"wait" is for back ends; a user subscribes to the task');
      return awaitTask(context, params.id, { after: query.after ?? null, ...waitOptionsOf(query.wait, reply) });
    },
  });
  routes.add({
    call: 'POST /api/v1/tasks/{id}/cancel',
    ...{ id: 'cancelTask', group, summary: 'Ask for a task to be stopped' },
    description: 'The request is stored and sent to whatever runs the task. A task that has ended stays as it is.',
    who: 'either',
    params,
    answers: isTask('The task as it stands now', examples.cancelledTask),
    errors: { not_found },
    store: 'writes',
    handle: ({ caller, params }) => cancelTask(context, personOf(caller), params.id),
  });
  routes.add({
    call: 'POST /api/v1/tasks/{id}/retry',
    ...{ id: 'retryTask', group, summary: 'Begin a task of this server’s own again' },
    description: 'One that failed or was cancelled, with the input it had. One that is under way stays as it is.',
    who: 'either',
    params,
    answers: isTask('The task as it stands now', examples.retriedTask),
    errors: {
      not_found,
      conflict: `task ${ids.task} cannot be begun again here: something else than this server runs it`,
    },
    store: 'writes',
    handle: ({ caller, params }) => retryTask(context, personOf(caller), params.id),
  });
}

function logRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'POST /api/v1/tasks/{id}/log',
    ...{ id: 'addToTaskLog', group, summary: 'Add to the log of a task' },
    description:
      'Lines, and chunks of a text that goes on. Those who may read the task read and follow it. Of a task that has ended it is refused.',
    who: 'back_end',
    params,
    status: 201,
    headers: idempotencyHeader,
    body: commandBody(TaskLogInput, examples.taskLogInputs),
    answers: { 201: answer(TaskLogAdded, 'Stored', { added: { seq: 18 } }) },
    errors: {
      not_found: `there is no task "${ids.task}"; begin it, or report on it, before you add to its log`,
      conflict: `task "${ids.task}" is completed already: add to its log before you report its end`,
    },
    store: 'writes',
    handle: ({ caller, params, body, request }) => addToTaskLog(context, caller, params.id, withKey(body, request)),
  });
  routes.add({
    call: 'GET /api/v1/tasks/{id}/log',
    ...{ id: 'readTaskLog', group, summary: 'Read the log of a task, oldest first' },
    description:
      'By back ends, and by those who may read the task; with `level` only entries that matter as much, or more. Sockets follow it, by `log_after` of `subscribe`.',
    who: 'either',
    params,
    query: Type.Object({
      after: Type.Optional(
        Type.Integer({
          ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 },
          description: 'The `next_after` of the page before; 0: from the beginning',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'How many entries at most' }),
      ),
      level: Type.Optional(TaskLogLevel),
    }),
    answers: { 200: answer(TaskLogPage, 'A page', { page: examples.taskLogPage }) },
    errors: { not_found },
    store: 'reads',
    handle: ({ caller, params, query: { after = 0, limit = 100, level = null } }) =>
      readTaskLog(context, personOf(caller), params.id, { after, limit, level }),
  });
}
