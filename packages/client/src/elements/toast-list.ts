import type { Description } from './describe-frame.ts';

export interface Toast {
  id: string;
  description: Description;
  /** `leaving` while it fades. */
  phase: 'shown' | 'leaving';
  /** Milliseconds left in this phase. */
  left: number;
}

/** How long a toast fades, in milliseconds; the style sheet's transition is within it. */
const fade = 250;
/** The least a toast stays after the pointer or the focus has left it. */
const leaveAfter = 1_500;
/** Ids remembered so that a later version of a toast that is gone does not interrupt again. */
const remembered = 500;

/** The toasts on the screen, newest first, and the time each has left. What finds no room is counted. Time passes by `pass()` only. */
export class ToastList {
  toasts: readonly Toast[] = [];
  /** How many more came than there was room for, since the list was last calm. */
  more = 0;

  #moreLeft = 0;
  readonly #gone = new Set<string>();

  /**
   * Shows a record, or its newer version where it stands, for so many milliseconds (an error two and a half times as long).
   * One that has been seen off does not come back. Where `max` are shown, an error takes the place of the oldest that is none.
   */
  put(id: string, description: Description, max: number, duration: number): void {
    if (this.#gone.has(id)) return;
    const urgent = description.tone === 'error';
    const toast: Toast = { id, description, phase: 'shown', left: urgent ? duration * 2.5 : duration };
    const shown = this.toasts.filter(({ phase }) => phase === 'shown');
    if (shown.some((one) => one.id === id)) {
      this.toasts = this.toasts.map((one) => (one.id === id ? toast : one));
      return;
    }
    const full = shown.length >= max;
    const least = full && urgent ? shown.findLast((one) => one.description.tone !== 'error') : undefined;
    if (full) this.#count(least ? least.id : id, duration);
    if (!full || least) this.toasts = [toast, ...this.toasts.filter((one) => one !== least)];
  }

  dismiss(id: string): void {
    this.#forget(id);
    this.toasts = this.toasts.map((one) =>
      one.id === id && one.phase === 'shown' ? { ...one, phase: 'leaving', left: fade } : one,
    );
  }

  dismissAll(): void {
    for (const { id } of this.toasts) this.dismiss(id);
    this.more = 0;
  }

  /** Lets time pass. While `held`, only what is leaving already goes on. */
  pass(milliseconds: number, held: boolean): void {
    const passed = this.toasts.map((one) =>
      held && one.phase === 'shown'
        ? { ...one, left: Math.max(one.left, leaveAfter) }
        : { ...one, left: one.left - milliseconds },
    );
    this.toasts = passed.filter((one) => one.phase === 'shown' || one.left > 0);
    for (const { id, phase, left } of passed) if (phase === 'shown' && left <= 0) this.dismiss(id);
    if (!held) this.#moreLeft -= milliseconds;
    if (this.#moreLeft <= 0) this.more = 0;
  }

  #count(id: string, duration: number): void {
    this.#forget(id);
    this.more += 1;
    this.#moreLeft = duration;
  }

  #forget(id: string): void {
    this.#gone.add(id);
    const [oldest] = this.#gone;
    if (this.#gone.size > remembered && oldest) this.#gone.delete(oldest);
  }
}
