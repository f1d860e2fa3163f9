import type { NotificationFrame } from '../../inbox-item.ts';

/** A notification to show. `stays` is true while its task runs. */
export interface ToastDraft {
  id: string;
  frame: NotificationFrame;
  isUrgent: boolean;
  stays: boolean;
}

export interface Toast extends ToastDraft {
  /** `leaving` while it fades. */
  phase: 'shown' | 'leaving';
  /** Milliseconds left in this phase. */
  left: number;
}

/** The present state of the stack. */
export interface StackState {
  /** The most toasts at once; an unfolded stack has more, until they have gone. */
  max: number;
  /** Time for which a toast stays, in milliseconds; an urgent one two and a half times as long. */
  duration: number;
  /** True while a pointer is on the stack: a toast that moved away from under it would take a press that was meant for another. */
  isPointed: boolean;
}

/** Time in which a toast fades, in milliseconds; the style sheet's transition is within it. */
const fade = 250;
/** The least a toast stays after the pointer or the focus has left it. */
const leaveAfter = 1_500;
/** The most toasts that are kept folded for want of room, and the most that are unfolded at a time. */
const [folded, unfolded] = [500, 50];

/** The toasts on the screen, newest first, with the time each has left. Those without room are folded under them. Time passes by `pass()` only. */
export class ToastList {
  toasts: readonly Toast[] = [];
  /** The number of toasts that were folded, or wait for the pointer to leave, since the stack was last calm. */
  more = 0;

  /** Folded ones, newest first. */
  #folded: ToastDraft[] = [];
  #foldedLeft = 0;
  /** Toasts that came while a pointer was on the stack, newest first. */
  #waiting: ToastDraft[] = [];

  /**
   * Shows a notification on top. Without room, one toast is folded for it: the oldest that is not urgent or that stays, else the
   * oldest.
   */
  put(draft: ToastDraft, stack: StackState): void {
    if (this.update(draft, stack)) return;
    this.#foldedLeft = stack.duration;
    if (stack.isPointed) {
      this.#waiting = [draft, ...this.#waiting].slice(0, folded);
      this.more += 1;
      return;
    }
    const shown = this.toasts.filter(({ phase }) => phase === 'shown');
    const least = shown.length >= stack.max && (shown.findLast((one) => one.stays || !one.isUrgent) ?? shown.at(-1));
    if (least) {
      this.#folded = [least, ...this.#folded].slice(0, folded);
      this.more += 1;
    }
    this.toasts = [toastOf(draft, stack), ...this.toasts.filter((one) => one !== least && one.id !== draft.id)];
  }

  /** Shows a newer version of a shown notification in its place. @returns whether it is shown */
  update(draft: ToastDraft, stack: Pick<StackState, 'duration'>): boolean {
    Object.assign([...this.#waiting, ...this.#folded].find(({ id }) => id === draft.id) ?? {}, draft);
    const isShown = this.toasts.some(({ id, phase }) => id === draft.id && phase === 'shown');
    if (isShown) this.toasts = this.toasts.map((one) => (one.id === draft.id ? toastOf(draft, stack) : one));
    return isShown;
  }

  /** Shows folded toasts under the others, their time begun anew. @param isGone true for a notification that is not shown any more */
  unfold(stack: StackState, isGone: (id: string) => boolean): void {
    const rest = [...this.#waiting, ...this.#folded];
    const next = rest.splice(0, unfolded).filter(({ id }) => !isGone(id) && !this.toasts.some((one) => one.id === id));
    this.toasts = [...this.toasts, ...next.map((draft) => toastOf(draft, stack))];
    this.#waiting = [];
    this.#folded = rest;
    this.more = rest.length;
  }

  dismiss(id: string): void {
    this.toasts = this.toasts.map((one) =>
      one.id === id && one.phase === 'shown' ? { ...one, phase: 'leaving', left: fade } : one,
    );
  }

  dismissAll(): void {
    for (const { id } of this.toasts) this.dismiss(id);
    this.#forget();
  }

  clear(): void {
    this.toasts = [];
    this.#forget();
  }

  /** Lets time pass. While `held`, only toasts that are leaving continue. */
  pass(milliseconds: number, held: boolean, stack: StackState): void {
    const passed = this.toasts.map((one) =>
      (held || one.stays) && one.phase === 'shown'
        ? { ...one, left: Math.max(one.left, leaveAfter) }
        : { ...one, left: one.left - milliseconds },
    );
    this.toasts = passed.filter((one) => one.phase === 'shown' || one.left > 0);
    for (const { id, phase, left } of passed) if (phase === 'shown' && left <= 0) this.dismiss(id);
    if (!held) this.#foldedLeft -= milliseconds;
    if (this.#foldedLeft <= 0) this.#forget();
    if (stack.isPointed) return;
    this.more -= this.#waiting.length;
    for (const draft of this.#waiting.splice(0).reverse()) this.put(draft, stack);
  }

  #forget(): void {
    this.more = 0;
    this.#folded = [];
    this.#waiting = [];
  }
}

const toastOf = ({ id, frame, isUrgent, stays }: ToastDraft, { duration }: Pick<StackState, 'duration'>): Toast => ({
  id,
  frame,
  isUrgent,
  stays,
  phase: 'shown',
  left: isUrgent ? duration * 2.5 : duration,
});
