import type { Notice } from '../inbox-item.ts';

/** What is shown: a notification, how urgent it is, and whether it stays while something goes on. */
export interface ToastDraft {
  id: string;
  frame: Notice;
  isUrgent: boolean;
  stays: boolean;
}

export interface Toast extends ToastDraft {
  /** `leaving` while it fades. */
  phase: 'shown' | 'leaving';
  /** Milliseconds left in this phase. */
  left: number;
}

/** How long a toast fades, in milliseconds; the style sheet's transition is within it. */
const fade = 250;
/** The least a toast stays after the pointer or the focus has left it. */
const leaveAfter = 1_500;

/** The toasts on the screen, newest first, and the time each has left. What finds no room is counted. Time passes by `pass()` only. */
export class ToastList {
  toasts: readonly Toast[] = [];
  /** How many more came than there was room for, since the list was last calm. */
  more = 0;

  #moreLeft = 0;

  /**
   * Shows a notification for so many milliseconds, an urgent one two and a half times as long. Where `max` are shown, an urgent one takes the
   * place of the oldest that is not, and any takes the place of one that stays.
   */
  put(draft: ToastDraft, max: number, duration: number): void {
    if (this.update(draft, duration)) return;
    const shown = this.toasts.filter(({ phase }) => phase === 'shown');
    const isFull = shown.length >= max;
    const least = isFull && shown.findLast((one) => one.stays || (draft.isUrgent && !one.isUrgent));
    if (isFull) {
      this.more += 1;
      this.#moreLeft = duration;
    }
    if (!isFull || least)
      this.toasts = [toastOf(draft, duration), ...this.toasts.filter((one) => one !== least && one.id !== draft.id)];
  }

  /** Shows a newer version of what is shown, where it stands. @returns whether it is */
  update(draft: ToastDraft, duration: number): boolean {
    const isShown = this.toasts.some(({ id, phase }) => id === draft.id && phase === 'shown');
    if (isShown) this.toasts = this.toasts.map((one) => (one.id === draft.id ? toastOf(draft, duration) : one));
    return isShown;
  }

  dismiss(id: string): void {
    this.toasts = this.toasts.map((one) =>
      one.id === id && one.phase === 'shown' ? { ...one, phase: 'leaving', left: fade } : one,
    );
  }

  dismissAll(): void {
    for (const { id } of this.toasts) this.dismiss(id);
    this.more = 0;
  }

  clear(): void {
    this.toasts = [];
    this.more = 0;
  }

  /** Lets time pass. While `held`, only what is leaving already goes on. */
  pass(milliseconds: number, held: boolean): void {
    const passed = this.toasts.map((one) =>
      (held || one.stays) && one.phase === 'shown'
        ? { ...one, left: Math.max(one.left, leaveAfter) }
        : { ...one, left: one.left - milliseconds },
    );
    this.toasts = passed.filter((one) => one.phase === 'shown' || one.left > 0);
    for (const { id, phase, left } of passed) if (phase === 'shown' && left <= 0) this.dismiss(id);
    if (!held) this.#moreLeft -= milliseconds;
    if (this.#moreLeft <= 0) this.more = 0;
  }
}

const toastOf = (draft: ToastDraft, duration: number): Toast => ({
  ...draft,
  phase: 'shown',
  left: draft.isUrgent ? duration * 2.5 : duration,
});
