import type { FrameMap } from '@tidings/protocol';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { Attention } from './attention.ts';
import { formatSize } from './format.ts';
import { icon } from './icons.ts';
import { plainName, safeHref } from './links.ts';
import { TidingsElement } from './tidings-element.ts';
import { isDealtWith, isNews } from './toasts.ts';
import { tokens } from './tokens.ts';

type FileFrame = FrameMap['user_file'];

const styles = css`
  dialog {
    margin: auto;
    inline-size: 400px;
    max-inline-size: calc(100vw - 32px);
    padding: 24px;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.34);
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  dialog[open] {
    animation: enter 0.25s var(--ease);
  }
  dialog::backdrop {
    background: light-dark(#14161f52, #000000a3);
  }
  .message {
    margin-block-start: 4px;
  }
  .file {
    display: flex;
    gap: 12px;
    align-items: center;
    margin-block: 18px 22px;
    padding: 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: color-mix(in oklab, var(--text) 2.5%, var(--surface));
  }
  .sheet {
    padding: 10px;
    border-radius: calc(var(--radius) * 0.75);
    background: color-mix(in oklab, var(--accent) 11%, var(--surface));
    color: var(--accent);
  }
  .refused {
    margin-block: -10px 22px;
  }
  .refused bdi {
    display: block;
    margin-block-end: 6px;
    color: var(--text);
    font: 12px/1.5 ui-monospace, monospace;
  }
  footer {
    display: flex;
    gap: 8px;
    justify-content: flex-end;
  }
  @media (max-width: 480px) {
    footer > .button {
      flex: 1;
      padding-block: 10px;
    }
  }
`;

/**
 * `<tidings-file-dialog>`: shows each file that arrives (`user_file`) in a dialog, one after the other. Files that arrive while
 * another tab is looked at wait for this one, unless they were dealt with there. Downloading or closing marks the file as read.
 *
 * Parts: `dialog`, `file`, `name`, `size`, `message`, `download`, `close`.
 */
export class TidingsFileDialog extends TidingsElement {
  static override styles = [tokens, styles];

  #queue: readonly FileFrame[] = [];
  /** How many of this run of files were seen off already, for `2 of 3`. */
  #done = 0;
  readonly #attention = new Attention(() => this.requestUpdate());

  protected override follow(client: TidingsClient): (() => void)[] {
    return [
      ...this.#attention.follow(client, 'files'),
      client.on('user_file', (frame) => this.#receive(frame)),
      client.on('retracted', (frame) => this.#drop((file) => file.id === frame.id)),
      client.inbox.onChange(() => this.#drop((file) => isDealtWith(client, file.id))),
      () => this.#drop(() => true),
    ];
  }

  #receive(frame: FileFrame): void {
    const waiting = this.#queue.some((file) => file.id === frame.id);
    if (waiting) this.#queue = this.#queue.map((file) => (file.id === frame.id ? frame : file));
    else if (isNews(frame)) this.#queue = [...this.#queue, frame];
    this.requestUpdate();
  }

  /** Takes files out of the queue that were dealt with elsewhere. */
  #drop(gone: (file: FileFrame) => boolean): void {
    const kept = this.#queue.filter((file) => !gone(file));
    if (kept.length === this.#queue.length) return;
    this.#queue = kept;
    this.requestUpdate();
  }

  /** The dialog was closed, by whatever means. */
  #closed(): void {
    const [file, ...rest] = this.#queue;
    if (!file || this.#dialog?.dataset.file !== file.id) return;
    this.#queue = rest;
    this.#done += 1;
    this.source.inbox.markRead(file.id).catch(() => {});
    this.requestUpdate();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  protected override updated(): void {
    const dialog = this.#dialog;
    const [file] = this.#queue;
    if (!file) {
      this.#done = 0;
      dialog?.close();
    } else if (!dialog?.open && this.#attention.here) dialog?.showModal();
  }

  protected override render(): TemplateResult {
    const [file] = this.#queue;
    return html`
      <dialog part="dialog" aria-labelledby="title" aria-describedby="message"
        data-file=${file?.id ?? ''} @close=${() => this.#closed()}>
        ${file ? this.#content(file) : nothing}
      </dialog>
    `;
  }

  #content(file: FileFrame): TemplateResult {
    const { words } = this;
    const count = this.#done + this.#queue.length;
    const href = safeHref(file.file_url);
    const close = () => this.#dialog?.close();
    return html`
      <header>
        <h2 id="title" tabindex="-1" autofocus>${words.fileReady}</h2>
        ${count > 1 ? html`<span class="subtle">${words.fileOf(this.#done + 1, count)}</span>` : nothing}
      </header>
      <p class="message subtle" id="message" part="message"><bdi>${file.message}</bdi></p>
      <div class="file" part="file">
        <span class="sheet">${icon('file')}</span>
        <div>
          <p class="title" part="name"><bdi>${plainName(file.file_name)}</bdi></p>
          ${
            typeof file.file_size === 'number'
              ? html`<p class="subtle" part="size">${formatSize(file.file_size, words.locale)}</p>`
              : nothing
          }
        </div>
      </div>
      ${href ? nothing : html`<p class="refused subtle"><bdi dir="ltr">${file.file_url}</bdi>${words.unsafeLink}</p>`}
      <footer>
        <button class="button" part="close" @click=${close}>${words.close}</button>
        ${
          href
            ? html`<a class="button primary" part="download" href=${href} target="_blank" rel="noopener" @click=${close}
                >${icon('download')}${words.download}</a>`
            : nothing
        }
      </footer>
    `;
  }
}
