import type { HeldOutPoint, RoundSummary } from '../../src-shared/contract/page/runs.ts';

export interface RoundMark {
  readonly round: number;
  readonly atMs: number;
  readonly outcome: RoundSummary['outcome'];
}

/**
 * When each round of the history ended. Only committed rounds leave a held-out loss with a time; the others lie
 * between their neighbours, as rounds are equally long on the chain's clock.
 * @param roundMs length of a round, to reach beyond the known ones
 */
export function roundMarks(
  history: readonly RoundSummary[],
  heldOut: readonly HeldOutPoint[],
  roundMs: number | null,
): readonly RoundMark[] {
  const known = heldOut.filter(({ round }) => round >= 0).sort((a, b) => a.round - b.round);
  return history.flatMap(({ round, outcome }) => {
    const atMs = timeOfRound(round, known, roundMs);
    return atMs === null ? [] : [{ round, outcome, atMs }];
  });
}

function timeOfRound(round: number, known: readonly HeldOutPoint[], roundMs: number | null): number | null {
  const before = known.findLast((point) => point.round <= round);
  const after = known.find((point) => point.round >= round);
  if (before?.round === round) return before.atMs;
  if (before && after)
    return before.atMs + ((after.atMs - before.atMs) * (round - before.round)) / (after.round - before.round);
  if (roundMs === null) return null;
  if (before) return before.atMs + (round - before.round) * roundMs;
  return after ? after.atMs - (after.round - round) * roundMs : null;
}
