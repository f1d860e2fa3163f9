/** A key for a map: two texts as one, so that no two pairs have the same. */
export const pairKey = (one: string, other: string | number): string => `${one.length} ${one}${other}`;
