import { type AlphaRao, alphaRao, type Ss58 } from '../units.ts';

/** What one hotkey's stake was at two blocks. */
interface Held {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly stakeAlpha: AlphaRao;
  readonly emissionAlpha: AlphaRao;
}

export interface StakeMove {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  /** Positive where stake came. */
  readonly alpha: bigint;
}

/** A move is large from half a per cent of what circulates on. */
const LARGE_PARTS = 200n;

/**
 * Stake that came or went between two readings of the same subnet, beyond what it paid out meanwhile: no payment of
 * an epoch is taken for somebody's decision.
 * @param epochs how many ended in between
 */
export function largeMoves(
  before: readonly Held[],
  after: readonly Held[],
  circulating: AlphaRao,
  epochs: number,
): readonly StakeMove[] {
  const least = circulating / LARGE_PARTS;
  if (least === 0n) return [];
  const paid = BigInt(epochs) * after.reduce((sum, { emissionAlpha }) => sum + emissionAlpha, 0n);
  const held = new Map(before.map((one) => [one.hotkey, one]));
  return after.flatMap(({ hotkey, coldkey, stakeAlpha }) => {
    const earlier = held.get(hotkey);
    // One that came or went with its place: what it held before is not known here.
    if (!earlier) return [];
    const alpha = stakeAlpha - earlier.stakeAlpha;
    const beyond = alpha > 0n ? alpha - paid : -alpha;
    return beyond >= least ? [{ hotkey, coldkey, alpha }] : [];
  });
}

/** What all of an owner's hotkeys hold, by its coldkey. */
export function alphaByOwner(rows: readonly Pick<Held, 'coldkey' | 'stakeAlpha'>[]): readonly AlphaRao[] {
  const sums = new Map<Ss58, bigint>();
  for (const { coldkey, stakeAlpha } of rows) sums.set(coldkey, (sums.get(coldkey) ?? 0n) + stakeAlpha);
  return [...sums.values()].map(alphaRao);
}
