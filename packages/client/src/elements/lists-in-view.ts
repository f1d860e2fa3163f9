/**
 * Events of the window by which toasts meet the lists of the page, wherever they are, also inside other elements:
 * - `tidings-in-view` asks whether a list is seen that has all that is toasted; the list that is prevents it
 * - `tidings-more` asks to show what found no room; who shows it prevents it, an application with a page of its own as well
 */
export type ListQuestion = 'tidings-in-view' | 'tidings-more';

/** @returns whether somebody said yes */
export const askLists = (question: ListQuestion): boolean => !dispatchEvent(new Event(question, { cancelable: true }));

/** Says yes where `answer` is true. @returns what ends that */
export function answerToasts(question: ListQuestion, answer: () => boolean): () => void {
  const listener = (event: Event) => !event.defaultPrevented && answer() && event.preventDefault();
  addEventListener(question, listener);
  return () => removeEventListener(question, listener);
}
