import type { ModelLosses } from '../../src-shared/contract/page/models.ts';
import { lossRise } from '../../src-shared/published/loss-rise.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { KnownState } from './known.ts';
import { LOSS_POINTS_MAX, LOSS_RUNS_MAX } from './limits.ts';

/** What a run of this computer measured and read on chain, of the rounds that it took part in. */
export interface OwnRounds {
  readonly runName: string;
  readonly profileHash: Hex;
  readonly rounds: readonly {
    readonly round: number;
    readonly loss: number | null;
    readonly baseDigest: Hex | null;
  }[];
}

type Points = Map<number, ModelLosses['points'][number]>;

/**
 * Losses of each run by round. What was measured here goes before what publishers say; of several that say something of
 * one round the largest counts, so that nobody can talk a rise away. Pure.
 */
export function lossesOf(
  own: readonly OwnRounds[],
  published: readonly KnownState[],
): readonly ModelLosses[] {
  const runs = new Map<Hex, { readonly runName: string; readonly points: Points }>();
  const pointsOf = (profileHash: Hex, runName: string): Points => {
    const known = runs.get(profileHash) ?? { runName, points: new Map() };
    runs.set(profileHash, known);
    return known.points;
  };
  for (const { profileHash, runName, rounds } of own)
    for (const { round, loss } of rounds)
      if (loss !== null) pointsOf(profileHash, runName).set(round, { round, loss, isOwn: true });
  for (const { profileHash, runName, round, heldOutLoss: loss, isSigned } of published) {
    if (loss === null || !isSigned) continue;
    const points = pointsOf(profileHash, runName);
    const said = points.get(round);
    if (!said || (!said.isOwn && said.loss < loss)) points.set(round, { round, loss, isOwn: false });
  }
  return [...runs].slice(0, LOSS_RUNS_MAX).map(([profileHash, { runName, points }]) => {
    const sorted = [...points.values()].sort((a, b) => a.round - b.round).slice(-LOSS_POINTS_MAX);
    return { runName, profileHash, points: sorted, rise: lossRise(sorted) };
  });
}
