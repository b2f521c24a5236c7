import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFirst, changeOf } from '../../src-renderer/state/weight-changes.ts';
import { ss58 } from '../../src-shared/units.ts';

const rowOf = (uid: number, share: number, before: number | null) => ({
  ...{ uid, hotkey: ss58(`5${uid}`), weight: Math.round(share * 65_535), share, before },
});

describe('what changed in weights', () => {
  it('is not what the chain’s own rounding does, and not known where there were none', () => {
    expect(changeOf({ share: 0.5, before: 0.5 + 1 / 70_000 })).toBe(0);
    expect(changeOf({ share: 0.5, before: 0.4 })).toBeCloseTo(0.1, 12);
    expect(changeOf({ share: 0, before: 0.4 })).toBeCloseTo(-0.4, 12);
    expect(changeOf({ share: 0.5, before: null })).toBeNull();
  });

  it('stands first by how much it is, new ones by what they get, and loses nobody', () => {
    const rows = [rowOf(1, 0.5, 0.5), rowOf(2, 0.1, 0.3), rowOf(3, 0.25, null), rowOf(4, 0.15, 0.2)];
    expect(changedFirst(rows).map(({ uid }) => uid)).toEqual([3, 2, 4, 1]);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(share, fc.option(share))), (pairs) => {
        const all = pairs.map(([now, before], uid) => rowOf(uid, now, before));
        const sorted = changedFirst(all);
        const sizes = sorted.map((one) => Math.abs(changeOf(one) ?? one.share));
        return (
          new Set(sorted).size === all.length &&
          sizes.every((size, i) => i === 0 || size <= (sizes[i - 1] ?? 0))
        );
      }),
    );
  });
});
