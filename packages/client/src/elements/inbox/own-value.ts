/** The value that an object has itself under a name, which may be any text: `constructor` is none that it inherits. */
export const ownValue = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;
