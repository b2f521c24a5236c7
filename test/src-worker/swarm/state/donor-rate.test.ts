import { describe, expect, it } from 'vitest';
import { DonorRate } from '../../../../src-worker/swarm/state/donor-rate.ts';
import { PIECES_AT_FIRST, PIECES_AT_MOST } from '../../../../src-worker/swarm/state/limits.ts';
import { RecentRate } from '../../../../src-worker/swarm/state/recent-rate.ts';

const PIECE = 1_048_576;

/** A donor that gave ten pieces, one each so many milliseconds. */
function steady(everyMs: number): DonorRate {
  const rate = new DonorRate(PIECE, 0);
  for (let i = 1; i <= 10; i++) rate.gave(PIECE, i * everyMs);
  return rate;
}

describe('how much is asked of a donor at once', () => {
  it('is little before it gave anything', () => {
    const rate = new DonorRate(PIECE, 0);
    expect([rate.piecesAtOnce, rate.pieceMs]).toEqual([PIECES_AT_FIRST, null]);
  });

  it.each([
    ['one piece of one that takes longer than a second for it', 4_000, 1],
    ['what it gives in a second', 300, 4],
    ['no more than the most of a fast one', 1, PIECES_AT_MOST],
  ])('is %s', (_what, everyMs, pieces) => {
    expect(steady(everyMs).piecesAtOnce).toBe(pieces);
    expect(steady(everyMs).pieceMs).toBeCloseTo(everyMs, 6);
  });

  it('follows a line that has become slow', () => {
    const rate = steady(100);
    for (let i = 1; i <= 10; i++) rate.gave(PIECE, 1_000 + i * 5_000);
    expect(rate.piecesAtOnce).toBe(1);
  });

  it('does not count the time in which nothing was asked', () => {
    const rate = steady(100);
    rate.begin(600_000);
    rate.gave(PIECE, 600_100);
    expect(rate.pieceMs).toBeCloseTo(100, 6);
  });
});

describe('the rate that is shown', () => {
  it('is that of the last seconds, and unknown before any', () => {
    const rate = new RecentRate(500, 0);
    expect(rate.at(500, 0)).toBeNull();
    expect(rate.at(1_500, 1_000)).toBe(1_000);
    for (let s = 2; s <= 40; s++) rate.at(1_500, s * 1_000);
    expect(rate.at(1_500, 41_000)).toBe(0);
  });
});
