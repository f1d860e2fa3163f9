import type { TaskFrame } from '../../tasks.ts';

export type StepState = 'done' | 'now' | 'failed' | 'stopped' | 'ahead';

export interface Step {
  /** Empty while no report has named it. */
  name: string;
  state: StepState;
}

/** More steps than this are shown as a number only. */
const most = 8;

const endings: Partial<Record<TaskFrame['status'], StepState>> = {
  completed: 'done',
  failed: 'failed',
  cancelled: 'stopped',
};

/** The names of a task's steps: those that `data.steps` lists, else what the first report about each calls it. */
export class StepTrail {
  /** Empty or missing if none is known. */
  #names: string[] = [];
  #task = '';

  /** Takes the names that a report tells. What it calls a step with a name is news of that step. Another task begins anew. */
  see({ task_id, step, step_number, data }: TaskFrame): void {
    if (task_id !== this.#task) this.#names = [];
    this.#task = task_id;
    const listed: unknown[] = Array.isArray(data.steps) ? data.steps : [];
    for (const [at, name] of listed.entries()) if (typeof name === 'string') this.#names[at] = name;
    if (step && step_number) this.#names[step_number - 1] ||= step;
  }

  /** The steps in order, as the task stands; none if there are too many, or none were named. */
  steps({ status, step_number, total_steps }: TaskFrame): Step[] {
    const count = Math.max(total_steps, step_number, this.#names.length);
    if (count < 2 || count > most) return [];
    return Array.from({ length: count }, (_, at) => {
      const number = at + 1;
      const here = endings[status] ?? 'now';
      const state = number < step_number || status === 'completed' ? 'done' : number === step_number ? here : 'ahead';
      return { name: this.#names[at] || '', state };
    });
  }
}
