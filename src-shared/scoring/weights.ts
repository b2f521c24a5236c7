export interface UidWeight {
  readonly uid: number;
  readonly weight: number;
}

const FULL_WEIGHT = 65_535;

/**
 * Averages as the chain takes them: u16, the highest 65535, in order of uids. Those that round to 0 are left out;
 * when nobody has earned anything there is nothing to set.
 */
export function chainWeights(
  averages: readonly { readonly uid: number; readonly average: number | null }[],
): readonly UidWeight[] {
  const highest = averages.reduce((max, { average }) => Math.max(max, average ?? 0), 0);
  if (highest === 0) return [];
  return averages
    .map(({ uid, average }) => ({ uid, weight: Math.round(((average ?? 0) / highest) * FULL_WEIGHT) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.uid - b.uid);
}

/**
 * Whether weights are to be set at this block: the chain refuses them until more blocks than its limit have passed,
 * and forgets a validator that stays silent, so unchanged ones are repeated after `refreshBlocks`.
 */
export function weightsDue(at: {
  readonly block: number;
  readonly lastUpdate: number;
  readonly rateLimit: number;
  readonly refreshBlocks: number;
  readonly changed: boolean;
}): boolean {
  const since = at.block - at.lastUpdate;
  if (since <= at.rateLimit) return false;
  return at.changed || since >= Math.max(at.refreshBlocks, at.rateLimit);
}
