/**
 * The claim that a path names, as `realm_access.roles`. A claim of that very name wins (`https://app.example.com/roles` is one name);
 * else a dot leads into an object, behind the shortest name that is there. Undefined if there is none.
 */
export function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null) return undefined;
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const outer = path.slice(0, dot);
    if (!Object.hasOwn(claims, outer)) continue;
    const found = claimAt((claims as Record<string, unknown>)[outer], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
