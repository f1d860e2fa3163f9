/** Tries until it works, as those do who were told to send again. Between two tries the end of a connection can be noticed. */
export async function insist<T>(run: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 40_000; ; ) {
    try {
      return await run();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise(setImmediate);
    }
  }
}
