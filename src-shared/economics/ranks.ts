/** A place among those who earn, 1 is the best; equals share the better one. */
export interface Rank {
  readonly rank: number;
  readonly of: number;
}

/** @returns null for one that is not among them */
export function rankOf<T>(one: T, all: readonly T[], scoreOf: (of: T) => bigint): Rank | null {
  if (!all.includes(one)) return null;
  const own = scoreOf(one);
  return { rank: all.filter((other) => scoreOf(other) > own).length + 1, of: all.length };
}
