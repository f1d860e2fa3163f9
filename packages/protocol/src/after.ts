/** The longest time of one timer, ms: with a longer one, `setTimeout` calls back at once. */
const longest = 2 ** 31 - 1;

/** Calls back once, in `ms` milliseconds, however many; with Infinity, never. @returns cancels it */
export function after(ms: number, call: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number): void => {
    timer = left > longest ? setTimeout(() => wait(left - longest), longest) : setTimeout(call, left);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
