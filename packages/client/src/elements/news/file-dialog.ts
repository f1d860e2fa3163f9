import type { FrameMap } from '@tidings/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import { Attention } from '../attention.ts';
import { formatSize } from '../format.ts';
import { icon } from '../icons.ts';
import { plainName, safeHref } from '../links.ts';
import type { Part, PartHost } from '../part-slot.ts';
import { Ticker } from '../ticker.ts';
import { isDealtWith, isNews } from './is-news.ts';
import { topModal } from './modal.ts';
import { Typing } from './typing.ts';

type FileFrame = FrameMap['user_file'];

/** Time between two checks that the user still types, in milliseconds. */
const step = 500;

/** The element that shows files. */
interface FileHost extends PartHost {
  /** Takes the files that came before this part did. */
  arrived(): FileFrame[];
}

/** Shows a dialog for each file, one after the other. */
export class FileDialog implements Part {
  readonly #host: FileHost;
  readonly #attention = new Attention(() => this.#host.element.requestUpdate());
  readonly #typing = new Typing();
  #queue: readonly FileFrame[];
  /** The number of files of this run that were closed already, for `2 of 3`. */
  #done = 0;

  constructor(host: FileHost) {
    this.#host = host;
    this.#queue = host.arrived().filter(isNews);
    new Ticker(host.element, step, () => this.#queue.length > 0 && !this.#dialog?.open);
  }

  follow(client: TidingsClient): (() => void)[] {
    const drop = () => this.#drop((file) => isDealtWith(client, file.id));
    drop();
    return [
      ...this.#attention.follow(client, 'files'),
      client.on('user_file', (frame) => this.#receive(frame)),
      client.on('retracted', (frame) => this.#drop((file) => file.id === frame.id)),
      client.inbox.onChange(drop),
      this.#typing.follow(),
      () => this.#drop(() => true),
    ];
  }

  #receive(frame: FileFrame): void {
    const waiting = this.#queue.some((file) => file.id === frame.id);
    if (waiting) this.#queue = this.#queue.map((file) => (file.id === frame.id ? frame : file));
    else if (isNews(frame)) this.#queue = [...this.#queue, frame];
    this.#host.element.requestUpdate();
  }

  /** Takes files out of the queue that were dealt with elsewhere. */
  #drop(gone: (file: FileFrame) => boolean): void {
    const kept = this.#queue.filter((file) => !gone(file));
    if (kept.length === this.#queue.length) return;
    this.#queue = kept;
    this.#host.element.requestUpdate();
  }

  /** Shows the next file after the dialog was closed in any way. The event comes late: the dialog may be open again by then. */
  readonly #closed = (): void => {
    const [file, ...rest] = this.#queue;
    if (!file || this.#dialog?.open || this.#dialog?.dataset.file !== file.id) return;
    this.#queue = rest;
    this.#done += 1;
    this.#typing.forget();
    this.#host
      .client()
      .inbox.markRead(file.id)
      .catch(() => {});
    this.#host.element.requestUpdate();
  };

  get #dialog(): HTMLDialogElement | null {
    return this.#host.element.renderRoot.querySelector('dialog');
  }

  /** Opens the dialog while the user is not busy: no typing, and no modal of the page's own. */
  updated(): void {
    const dialog = this.#dialog;
    const [file] = this.#queue;
    if (!file) {
      this.#done = 0;
      dialog?.close();
    } else if (!dialog?.open && this.#attention.here && !this.#typing.isUnderWay && !topModal()) dialog?.showModal();
  }

  render(): TemplateResult {
    const [file] = this.#queue;
    return html`
      <dialog part="dialog" aria-labelledby="title" aria-describedby="message"
        data-file=${file?.id ?? ''} @close=${this.#closed}>
        ${file ? this.#content(file) : nothing}
      </dialog>
    `;
  }

  #content(file: FileFrame): TemplateResult {
    const words = this.#host.words();
    const count = this.#done + this.#queue.length;
    const href = safeHref(file.file_url);
    const close = () => this.#dialog?.close();
    return html`
      <header role="none">
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
              ? html`<p class="subtle" part="size"><bdi>${formatSize(file.file_size, words.locale)}</bdi></p>`
              : nothing
          }
        </div>
      </div>
      ${href ? nothing : html`<p class="refused subtle"><bdi dir="ltr">${file.file_url}</bdi><span dir="auto">${words.unsafeLink}</span></p>`}
      <footer role="none">
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
