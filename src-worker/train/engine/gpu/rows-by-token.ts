export interface RowsByToken {
  /** How many distinct tokens there are, then these. */
  readonly distinct: Uint32Array;
  /** Where the rows of each begin in `order`, and where the last ones end. */
  readonly starts: Uint32Array;
  readonly order: Uint32Array;
}

/** The rows of each distinct token, in order: the way back of the embedding adds them without meeting anybody. */
export function rowsByToken(ids: Uint16Array): RowsByToken {
  const order = Uint32Array.from(ids.keys()).sort((a, b) => ids[a]! - ids[b]! || a - b);
  const distinct: number[] = [];
  const starts: number[] = [];
  order.forEach((row, index) => {
    if (index > 0 && ids[row] === ids[order[index - 1]!]) return;
    distinct.push(ids[row]!);
    starts.push(index);
  });
  return {
    distinct: Uint32Array.of(distinct.length, ...distinct),
    starts: Uint32Array.of(...starts, ids.length),
    order,
  };
}
