/** Reads the options of a command; what is wrong with them ends the process, with a sentence. */
export function readOrExit<T>(command: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(`${command}: ${(error as Error).message}; see --help`);
    process.exit(2);
  }
}

/** Milliseconds of a text, as 90s, 10m or 1h. Throws Error with what was expected. */
export function millisecondsOf(text: string, option: string): number {
  const [, number, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (!unit) throw new Error(`${option} must be a time, as 90s, 10m or 1h; got "${text}"`);
  return Number(number) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
}

/** Throws Error with what was expected. */
export function wholeNumber(text: string, option: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number; got "${text}"`);
}

/** Those of this name, or all. Throws Error with the names that there are. */
export function named<T extends { name: string }>(
  all: readonly T[],
  name: string | undefined,
  option: string,
): readonly T[] {
  const found = name === undefined ? all : all.filter((one) => one.name === name);
  if (found.length > 0) return found;
  throw new Error(`${option} must be one of ${all.map((one) => one.name).join(', ')}; got "${name}"`);
}
