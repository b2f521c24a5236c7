export interface UidWeight {
  readonly uid: number;
  readonly weight: number;
}

const FULL_WEIGHT = 65_535;

export interface UidAverage {
  readonly uid: number;
  /** null before anything was measured. */
  readonly average: number | null;
}

/** Averages that are no numbers: their uids count as 0, and nobody else loses anything by them. */
export const brokenAverages = (averages: readonly UidAverage[]): readonly number[] =>
  averages.filter(({ average }) => average !== null && !Number.isFinite(average)).map(({ uid }) => uid);

/**
 * Averages as the chain takes them: u16, the highest 65535, in order of uids. Those that round to 0 are left out;
 * when nobody has earned anything there is nothing to set.
 */
export function chainWeights(averages: readonly UidAverage[]): readonly UidWeight[] {
  const earned = averages.map(({ uid, average }) => ({ uid, average: earnedBy(average) }));
  const highest = earned.reduce((max, { average }) => Math.max(max, average), 0);
  if (highest === 0) return [];
  return earned
    .map(({ uid, average }) => ({ uid, weight: Math.round((average / highest) * FULL_WEIGHT) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.uid - b.uid);
}

const earnedBy = (average: number | null): number =>
  average !== null && Number.isFinite(average) ? Math.max(0, average) : 0;

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
