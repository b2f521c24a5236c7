/** What goes from one peer to another, by their indexes. */
export interface Way {
  readonly from: number;
  readonly to: number;
}

/** What a peer's line takes in each direction; any unit of rate. */
export interface Capacity {
  readonly up: number;
  readonly down: number;
}

interface Side {
  left: number;
  ways: number[];
  open: number;
}

/**
 * Max-min fair rates by progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2): all rates rise together
 * until a line is full; those on it stay, the others rise on. Transports that share one bottleneck come near it.
 * @returns a rate for each way, in the unit of the capacities
 */
export function maxMinRates(ways: readonly Way[], capacities: readonly Capacity[]): Float64Array {
  const rates = new Float64Array(ways.length);
  const isFixed = new Uint8Array(ways.length);
  const sides = sidesOf(ways, capacities);
  const sideOf = (way: number): readonly [Side, Side] => {
    const { from, to } = ways[way]!;
    return [sides[from]!, sides[capacities.length + to]!];
  };
  for (let tightest = tightestOf(sides); tightest; tightest = tightestOf(sides)) {
    const share = Math.max(0, tightest.left / tightest.open);
    for (const way of tightest.ways) {
      if (isFixed[way]) continue;
      isFixed[way] = 1;
      rates[way] = share;
      for (const side of sideOf(way)) {
        side.left -= share;
        side.open--;
      }
    }
  }
  return rates;
}

/** Uplinks by index, then downlinks. */
function sidesOf(ways: readonly Way[], capacities: readonly Capacity[]): Side[] {
  const sides = [...capacities.map(({ up }) => up), ...capacities.map(({ down }) => down)].map(
    (left): Side => ({ left, ways: [], open: 0 }),
  );
  for (const [way, { from, to }] of ways.entries())
    for (const side of [sides[from]!, sides[capacities.length + to]!]) {
      side.ways.push(way);
      side.open++;
    }
  return sides;
}

function tightestOf(sides: readonly Side[]): Side | null {
  let tightest: Side | null = null;
  for (const side of sides)
    if (side.open > 0 && (!tightest || side.left / side.open < tightest.left / tightest.open))
      tightest = side;
  return tightest;
}
