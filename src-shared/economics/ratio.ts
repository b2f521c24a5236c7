/**
 * The quotient of two amounts as a number, right to the last of a double's digits: each is rounded once.
 * @returns null where there is nothing to divide by
 */
export const ratioOf = (part: bigint, whole: bigint): number | null =>
  whole === 0n ? null : Number(part) / Number(whole);

/** Shares of the chain are parts of this. */
export const U16 = 65_535;
