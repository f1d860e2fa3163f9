/** Prints one line about what a script is doing. @param {string} message */
export function say(message) {
  console.log(message);
}

/**
 * Ends the script with a sentence for the person who ran it.
 * @param {string} message what was expected, what came, what to do
 * @returns {never}
 */
export function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

/** The time since `start` (from `performance.now()`), as "1.2 s". @param {number} start */
export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
