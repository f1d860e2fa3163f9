import type { FrameMap } from '@tidings/protocol';
import { nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { isNews } from './news.ts';
import { PartSlot } from './part-slot.ts';
import { loadFile } from './parts.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';
import { Typing } from './typing.ts';

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
  readonly #typing = new Typing();
  readonly #slot = new PartSlot(loadFile, {
    ...this.asHost(),
    typing: this.#typing,
    arrived: () => this.#arrived.splice(0),
  });

  protected override follow(client: TidingsClient): (() => void)[] {
    const want = () => this.#arrived.length > 0 && this.#slot.want();
    return [
      client.on('user_file', (frame) => {
        if (this.#slot.isThere || !isNews(frame)) return;
        this.#arrived.push(frame);
        want();
      }),
      // What could not be loaded is tried again once there is a network.
      client.onState(want),
      ...this.#slot.follow(client),
      this.#typing.follow(),
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
