import type { Shape } from '../scale/types.ts';

/** A fixed-point number as its bits. */
export interface Fixed {
  readonly bits: bigint;
}

/**
 * Fixed-point types. Their metadata says how many of the bits are fraction as a number of the type system, built of
 * binary digits from the highest one down: clients read it to place the point.
 */
export const fixedShapes: Readonly<Record<string, Shape>> = {
  UTerm: { path: 'substrate_typenum::uint::UTerm' },
  B0: { path: 'substrate_typenum::bit::B0' },
  B1: { path: 'substrate_typenum::bit::B1' },
  ...digitShapes(64),
  /** 64 bits before the point and 64 after it. */
  FixedU128: { path: 'substrate_fixed::FixedU128', params: { Frac: 'UInt64' }, fields: { bits: 'u128' } },
  FixedI128Of64: { path: 'substrate_fixed::FixedI128', params: { Frac: 'UInt64' }, fields: { bits: 'i128' } },
  /** 96 bits before the point and 32 after it. */
  FixedI128: { path: 'substrate_fixed::FixedI128', params: { Frac: 'UInt32' }, fields: { bits: 'i128' } },
  /** 32 bits before the point and 32 after it. */
  FixedI64: { path: 'substrate_fixed::FixedI64', params: { Frac: 'UInt32' }, fields: { bits: 'i64' } },
};

/** The powers of two up to one of them: 1 is a leading digit, every further one appends a zero. */
function digitShapes(highest: number): Record<string, Shape> {
  const shapes: Record<string, Shape> = {};
  for (let power = 1; power <= highest; power *= 2) {
    const [msb, lsb] = power === 1 ? ['UTerm', 'B1'] : [`UInt${power / 2}`, 'B0'];
    shapes[`UInt${power}`] = {
      path: 'substrate_typenum::uint::UInt',
      params: { U: msb, B: lsb },
      fields: { msb: `${msb} as U`, lsb: `${lsb} as B` },
    };
  }
  return shapes;
}
