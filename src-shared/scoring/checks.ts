import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ScoreModel } from '../profile/schema.ts';
import type { Sha256 } from '../reduce/merkle.ts';
import type { Hex, Ss58 } from '../units.ts';

export type Checks = NonNullable<ScoreModel['checks']>;

/** Of a profile that says nothing of checks. */
export const DEFAULT_CHECKS: Checks = {
  recomputedPerRound: 64,
  lookedPerRound: 16,
  everyRounds: 16,
  stretchSequences: 16,
  margin: 0,
  draws: 32,
  leastDraws: 8,
  leastShare: 0.6,
  fullShare: 0.95,
  unknown: 0.5,
};

export const checksOf = ({ checks = DEFAULT_CHECKS }: ScoreModel): Checks => checks;

/** Somebody who may be checked. */
export interface Checkable {
  readonly hotkey: Ss58;
  readonly uid: number;
}

/**
 * Who is checked in a round, in the order in which it is done. First whose turn it is: each uid has one in `everyRounds`
 * rounds, which may be known long before, for who knows that it will be checked cannot know that it will not be. Then
 * whoever the seed draws of all others, so that nobody is ever safe. A pure function, so that all validators of a run
 * check the same uids.
 * @param at.seed public, and unknown when what is checked was committed to
 * @param at.most of all; where more than these have their turn in one round, the seed decides among them
 */
export function drawnForCheck<T extends Checkable>(
  candidates: readonly T[],
  at: { readonly round: number; readonly seed: Hex; readonly everyRounds: number; readonly most: number },
  sha256: Sha256,
): T[] {
  const hasTurn = ({ uid }: T) => uid % at.everyRounds === at.round % at.everyRounds;
  return candidates
    .map((one) => ({ one, turn: hasTurn(one) ? 0 : 1, place: placeOf(at.seed, one.hotkey, sha256) }))
    .sort((a, b) => a.turn - b.turn || (a.place < b.place ? -1 : 1))
    .slice(0, at.most)
    .map(({ one }) => one);
}

/** The first u64 of SHA-256 over a text of seed and hotkey. */
function placeOf(seed: Hex, hotkey: Ss58, sha256: Sha256): bigint {
  const digest = sha256(utf8ToBytes(`butterfly/check/${seed}/${hotkey}`));
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0, true);
}
