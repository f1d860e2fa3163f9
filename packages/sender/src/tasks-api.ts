import { checkInput } from './check-input.ts';
import type { SenderPort } from './port.ts';
import type { Tasks } from './sender.ts';

export function tasksApi(port: SenderPort): Tasks {
  return {
    async start(start) {
      checkInput(start, 'tasks.start');
      return port.startTask(start);
    },
    async report(taskId, report) {
      checkInput(report, 'tasks.report');
      return port.reportTask(String(taskId), report);
    },
    get: async (taskId) => port.getTask(String(taskId)),
    cancel: async (taskId) => port.cancelTask(String(taskId)),
  };
}
