import type { FrameMap } from '@tidings/protocol';
import { nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { PartSlot } from './part-slot.ts';
import { loadFiles } from './parts.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

/**
 * `<tidings-file-dialog>`: shows each file that arrives (`user_file`) in a dialog, one after the other. Files that arrive while
 * another tab is looked at wait for this one, unless they were dealt with there. A file waits as well for a pause in typing, and for the
 * end of a modal dialog of the page. Downloading or closing marks the file as read.
 *
 * Parts: `dialog`, `file`, `name`, `size`, `message`, `download`, `close`.
 */
export class TidingsFileDialog extends TidingsElement {
  static override styles = tokens;

  /** Files that wait for the part that shows them. */
  #arrived: FrameMap['user_file'][] = [];
  readonly #slot = new PartSlot(loadFiles, { ...this.asHost(), arrived: () => this.#arrived.splice(0) });

  /** Loads what shows files with the connection, so that it knows by then whether somebody types. */
  protected override follow(client: TidingsClient): (() => void)[] {
    const keep = (frame: FrameMap['user_file']) => !this.#slot.isThere && this.#arrived.push(frame);
    const want = () => client.state.status === 'connected' && this.#slot.want();
    want();
    return [
      client.onState(want),
      client.on('user_file', keep),
      ...this.#slot.follow(client),
      () => void this.#arrived.splice(0),
    ];
  }

  protected override updated(): void {
    this.#slot.updated();
  }

  protected override render(): TemplateResult | typeof nothing {
    return this.#slot.isThere ? this.#slot.render() : nothing;
  }
}
