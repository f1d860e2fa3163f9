/** How deep JSON may be nested; past it writing it again could exhaust the stack. */
export const deepest = 100;

/** Whether arrays and objects are nested deeper than that. */
export function isTooDeep(value: unknown, levels: number = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}
