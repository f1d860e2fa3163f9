import { setTimeout as pause } from 'node:timers/promises';
import { Editor } from '../../../packages/server/testing/editors.ts';
import { until } from '../until.ts';
import { type Finding, type Ground, longest, type Part } from './part.ts';

/** The kind of the message of y-protocols that refuses a change. */
const permissionDenied = 2;
/** Time after which the end of a right holds, ms. */
const endsWithin = 5_000;

/** A writer and a reader at different servers; in the middle of a fault both leave for good. */
interface Pair {
  document: string;
  writer: Editor;
  reader: Editor;
  /** The text that the reader was sent, when both left. */
  seen: string | null;
}

/** A writer whose right ends in the middle of a fault, and a reader. */
interface Ending {
  document: string;
  user: string;
  writer: Editor;
  reader: Editor;
  /** When the end was answered, by the clock of this process; null before. */
  endedAt: number | null;
}

/** Documents that are edited while something fails, by providers of y-websocket that come back at another server. */
export class DocumentPart implements Part {
  readonly name = 'documents';
  readonly #ground: Ground;
  /** The document of this time, and its editors. */
  #shared: { document: string; editors: Editor[]; typed: string[] } | null = null;
  #pair: Pair | null = null;
  #ending: Ending | null = null;
  #pairs: Pair[] = [];
  #endings: Ending[] = [];
  #count = 0;
  #ticks = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async open(): Promise<void> {}

  async prepare(): Promise<void> {
    const n = ++this.#count;
    if (!this.#shared) {
      const document = `shared-${n}`;
      const editors = [0, 1, 2].map((m) => this.#edit(document, `editor-${m}`, m));
      this.#shared = { document, editors, typed: [] };
    }
    const paired = `pair-${n}`;
    this.#pair = {
      ...{ document: paired, seen: null },
      ...{ writer: this.#edit(paired, `writer-${n}`, n), reader: this.#edit(paired, `reader-${n}`, n + 1, 'r') },
    };
    const ending = `ends-${n}`;
    const user = `ender-${n}`;
    await this.#ground.sender.rooms.setMember(`collaboration:${ending}`, user, 'rw');
    this.#ending = {
      ...{ document: ending, user, endedAt: null },
      ...{ writer: this.#edit(ending, user, n, 'none'), reader: this.#edit(ending, `witness-${n}`, n + 1, 'r') },
    };
    this.#pairs.push(this.#pair);
    this.#endings.push(this.#ending);
    const all = [...this.#shared.editors, ...[this.#pair, this.#ending].flatMap((two) => [two.writer, two.reader])];
    await until('editors to be synced', () => all.every(({ provider }) => provider.synced), longest);
  }

  tick(): void {
    const n = this.#ticks++;
    if (this.#pair?.seen === null) this.#pair.writer.type(`${n},`);
    if (this.#ending) this.#ending.writer.type(this.#ending.endedAt === null ? `${n},` : '!');
    if (!this.#shared || n % 2 > 0) return;
    const { editors, typed } = this.#shared;
    typed.push(`<${n}>`);
    this.#ground.choices.pick(editors).type(`<${n}>`);
  }

  async strike(): Promise<void> {
    const { choices, sender } = this.#ground;
    const [pair, ending] = [this.#pair, this.#ending];
    if (!pair || !ending) return;
    await pause(choices.below(1_500));
    pair.seen = pair.reader.text;
    // Otherwise they would bring the text back.
    pair.writer.destroy();
    pair.reader.destroy();
    await sender.rooms.setMember(`collaboration:${ending.document}`, ending.user, 'r');
    ending.endedAt = performance.now();
  }

  async judge(): Promise<Finding> {
    const stories: string[] = [];
    const counts = { echoed: 0, missing: 0, diverged: 0, 'after the right': 0 };
    const missing = (document: string, count: number) => {
      if (count === 0) return;
      counts.missing += count;
      stories.push(`${count} of what was echoed in ${document} is missing`);
    };
    const diverged = (document: string) => {
      counts.diverged++;
      stories.push(`the editors of ${document} did not converge`);
    };
    const shared = this.#shared;
    if (shared) {
      const { document, editors, typed } = shared;
      const text = await this.#read(document, editors);
      if (editors.some((editor) => editor.text !== text)) diverged(document);
      counts.echoed += typed.length;
      missing(document, typed.filter((piece) => !text.includes(piece)).length);
      for (const editor of editors) editor.destroy();
    }
    for (const { document, seen } of this.#pairs) {
      const text = await this.#read(document, []);
      counts.echoed += piecesOf(seen ?? '');
      if (!text.startsWith(seen ?? '')) missing(document, Math.max(1, piecesOf(seen ?? '') - piecesOf(text)));
    }
    for (const ending of this.#endings) await this.#judgeEnding(ending, { counts, stories, missing, diverged });
    this.#forget();
    return { counts, stories };
  }

  async close(): Promise<void> {
    for (const editor of this.#shared?.editors ?? []) editor.destroy();
    for (const { writer, reader } of [...this.#pairs, ...this.#endings])
      for (const one of [writer, reader]) one.destroy();
    this.#forget();
  }

  async #judgeEnding(
    { document, writer, reader, endedAt }: Ending,
    { counts, stories, missing, diverged }: Judging,
  ): Promise<void> {
    await pause(Math.max(0, (endedAt ?? 0) + endsWithin - performance.now()));
    await until('the writer to be there', () => writer.provider.synced, longest).catch(() => {});
    // More than a provider sends in one go.
    writer.type('?');
    await pause(300);
    const text = await this.#read(document, [reader]);
    const echoed = piecesOf(reader.text);
    counts.echoed += echoed;
    missing(document, Math.max(0, echoed - piecesOf(text)));
    if (reader.text !== text) diverged(document);
    if (text.includes('?')) {
      counts['after the right']++;
      stories.push(`what was written in ${document} later than 5 s after the right to write had ended is in it`);
    }
    writer.destroy();
    reader.destroy();
  }

  #forget(): void {
    this.#shared = null;
    this.#pair = null;
    this.#ending = null;
    this.#pairs = [];
    this.#endings = [];
  }

  /** The text that one who comes now is sent, once these have it too; after a time, whatever it is. */
  async #read(document: string, editors: readonly Editor[]): Promise<string> {
    const late = this.#edit(document, 'late', this.#ground.choices.below(2), 'r');
    const isSame = () =>
      late.provider.synced && editors.every(({ provider, text }) => provider.synced && text === late.text);
    await until(`${document} to be the same for all`, isSame, longest).catch(() => {});
    const { text } = late;
    late.destroy();
    return text;
  }

  #edit(document: string, user: string, turn: number, access: 'r' | 'rw' | 'none' = 'rw'): Editor {
    const { urls } = this.#ground;
    const urlOf = (n: number) => urls[n % urls.length] as string;
    const claims = { exp: Math.floor(Date.now() / 1_000) + 86_400 };
    const editor = new Editor({ url: urlOf(turn) }, document, user, { access, claims });
    // It writes each of them to the console.
    editor.provider.messageHandlers[permissionDenied] = () => {};
    let at = turn;
    editor.provider.on('connection-close', () => {
      const before = urlOf(at).replace('http', 'ws');
      editor.provider.serverUrl = editor.provider.serverUrl.replace(before, urlOf(++at).replace('http', 'ws'));
    });
    return editor;
  }
}

interface Judging {
  counts: Record<'echoed' | 'missing' | 'diverged' | 'after the right', number>;
  stories: string[];
  missing(document: string, count: number): void;
  diverged(document: string): void;
}

const piecesOf = (text: string): number => text.split(',').length - 1;
