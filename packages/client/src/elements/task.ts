import { css, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { PartSlot } from './part-slot.ts';
import { loadTask } from './parts.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

const styles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
`;

/**
 * `<tidings-task task-id="…">`: follows one task: its name (`data.title`, else `name`), steps (named by `data.steps`), progress, remaining time and Cancel, then how it ended.
 *
 * Attribute: `task-id`. Parts: `card` (with the task's status), `name`, `status`, `steps`, `bar`, `message`, `cancel`, `download`.
 */
export class TidingsTask extends TidingsElement {
  static override styles = [tokens, styles];
  static override properties: PropertyDeclarations = { taskId: { attribute: 'task-id' } };

  declare taskId: string;

  readonly #slot = new PartSlot(loadTask, { ...this.asHost(), taskId: () => this.taskId });

  constructor() {
    super();
    this.taskId = '';
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('taskId')) this.stopFollowing();
  }

  protected override follow(client: TidingsClient): (() => void)[] {
    return this.taskId ? this.#slot.follow(client) : [];
  }

  protected override firstUpdated(): void {
    this.#slot.want();
  }

  protected override render(): TemplateResult {
    return this.#slot.render();
  }
}
