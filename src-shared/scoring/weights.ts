export interface UidWeight {
  readonly uid: number;
  readonly weight: number;
}

export const FULL_WEIGHT = 65_535;

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

/** What the owner of a subnet asks of a validator's weights. */
export interface WeightRules {
  /** Uids that they have to name at least. */
  readonly minAllowed: number;
  /** Most that one of them may be of the sum of all, as a part of 65535; 65535 is no limit. */
  readonly maxLimit: number;
}

export type RuledWeights =
  | { readonly kind: 'weights'; readonly weights: readonly UidWeight[] }
  | { readonly kind: 'nothing-earned' }
  /** So many have to have earned something, and fewer have. */
  | { readonly kind: 'below-minimum'; readonly needed: number; readonly earned: number };

/**
 * Averages as weights that the chain's rules let through. Who has earned nothing gets nothing: where more uids have to be
 * named they are named with weight 0 (docs/decisions/0084), and where the limit on one of them could only be kept by
 * giving away what nobody earned there are none.
 * @param uids all of the subnet, those first that are to be named first where others have to be
 */
export function ruledWeights(
  averages: readonly UidAverage[],
  uids: readonly number[],
  { minAllowed, maxLimit }: WeightRules,
): RuledWeights {
  const earned = chainWeights(averages);
  if (earned.length === 0) return { kind: 'nothing-earned' };
  const limited = withinLimit(earned, maxLimit);
  if (!limited)
    return { kind: 'below-minimum', needed: Math.ceil(FULL_WEIGHT / maxLimit), earned: earned.length };
  const named = new Set(limited.map(({ uid }) => uid));
  const missing = Math.min(minAllowed, uids.length) - limited.length;
  const others = uids.filter((uid) => !named.has(uid)).slice(0, Math.max(0, missing));
  const weights = [...limited, ...others.map((uid) => ({ uid, weight: 0 }))];
  return { kind: 'weights', weights: weights.sort((a, b) => a.uid - b.uid) };
}

/**
 * Holds each weight to its most share of the sum; what is above goes to the others in proportion, as often as that
 * lifts another one to the limit.
 * @returns null where so few cannot keep it
 */
function withinLimit(earned: readonly UidWeight[], maxLimit: number): readonly UidWeight[] | null {
  if (maxLimit >= FULL_WEIGHT) return earned;
  if (earned.length * maxLimit < FULL_WEIGHT) return null;
  const most = maxLimit / FULL_WEIGHT;
  const held = new Set<number>();
  for (;;) {
    const free = earned.filter(({ uid }) => !held.has(uid));
    const scale = (1 - most * held.size) / free.reduce((sum, { weight }) => sum + weight, 0);
    const above = free.filter(({ weight }) => weight * scale > most);
    for (const { uid } of above) held.add(uid);
    if (above.length > 0 && above.length < free.length) continue;
    if (held.size === 0) return earned;
    // Rounded up, so that the sum is never less than the limit needs.
    return earned.map(({ uid, weight }) => ({
      uid,
      weight: held.has(uid)
        ? FULL_WEIGHT
        : Math.min(FULL_WEIGHT, Math.ceil((weight * scale * FULL_WEIGHT) / most)),
    }));
  }
}

/** What a hotkey's score rests on, by block; null: it never happened. */
export interface Seen {
  readonly workedBlock: number | null;
  readonly checkedBlock: number | null;
}

/** Miners whose work was checked, and how many have to have been. */
export interface Evidence {
  readonly checked: number;
  readonly needed: number;
}

/** So many checked miners are enough, however many there are; of fewer that work, all of them. */
const EVIDENCE_MINERS = 3;

/** What was seen in the blocks since. Nobody seen at work is one too few. */
export function evidenceSince(seen: readonly Seen[], block: number): Evidence {
  const since = (at: number | null) => at !== null && at >= block;
  const working = seen.filter(({ workedBlock }) => since(workedBlock)).length;
  const checked = seen.filter(({ checkedBlock }) => since(checkedBlock)).length;
  return { checked, needed: Math.min(EVIDENCE_MINERS, Math.max(1, working)) };
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
