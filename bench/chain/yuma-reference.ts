/**
 * Yuma consensus in the plainest doubles, written from the steps of ../shared/reference/chain.md E for comparison with
 * `economy/yuma.ts` and sharing nothing with it: loops over whole matrices, one step after another.
 */
export interface Subnet {
  readonly n: number;
  readonly block: number;
  readonly lastEpochBlock: number;
  readonly stake: number[];
  readonly lastUpdate: number[];
  readonly registeredAt: number[];
  readonly permits: boolean[];
  readonly owner: number | null;
  readonly weights: number[][];
  readonly bonds: number[][];
  readonly cutoff: number;
  readonly kappa: number;
  readonly penalty: number;
  readonly alpha: number;
  readonly yuma: 2 | 3;
  readonly liquid: { readonly low: number; readonly high: number; readonly steepness: number } | null;
}

export interface Result {
  readonly consensus: number[];
  readonly trust: number[];
  readonly incentive: number[];
  readonly dividends: number[];
  readonly bonds: number[][];
}

export function reference(subnet: Subnet): Result {
  const { n } = subnet;
  const all = Array.from({ length: n }, (_, i) => i);
  const s = scaled(subnet.stake);
  // Step 4: only the active with a permit of the epoch before.
  const isIn = (i: number) =>
    subnet.permits[i] && (subnet.lastUpdate[i] ?? 0) + subnet.cutoff >= subnet.block;
  const S = scaled(all.map((i) => (isIn(i) ? (s[i] ?? 0) : 0)));
  const W = all.map((i) => voteOf(subnet, i));
  // Step 6: the largest weight that kappa of the stake gives or exceeds.
  const C = all.map((j) => {
    let best = 0;
    for (const candidate of all.map((i) => W[i]?.[j] ?? 0)) {
      let support = 0;
      for (const i of all) if ((W[i]?.[j] ?? 0) >= candidate) support += S[i] ?? 0;
      if (support >= subnet.kappa && candidate > best) best = candidate;
    }
    return best;
  });
  const clipped = W.map((row) => row.map((w, j) => Math.min(w, C[j] ?? 0)));
  const rank = all.map((j) => all.reduce((r, i) => r + (S[i] ?? 0) * (clipped[i]?.[j] ?? 0), 0));
  const I = scaled(rank);
  const trust = clipped.map((row) => row.reduce((total, w) => total + w, 0));
  if (subnet.yuma === 2) return { consensus: C, trust, incentive: I, ...sharesOf(subnet, { S, W, C, I }) };
  const B = all.map((i) => all.map((j) => bondOf(subnet, { i, j, W, C })));
  const D = all.map((i) => {
    let earned = 0;
    for (const j of all) {
      const column = all.reduce((total, k) => total + (B[k]?.[j] ?? 0), 0);
      if (column > 0) earned += ((B[i]?.[j] ?? 0) / column) * (I[j] ?? 0);
    }
    return (S[i] ?? 0) * earned;
  });
  return { consensus: C, trust, incentive: I, dividends: scaled(D), bonds: B };
}

/** Step 5. */
function voteOf(subnet: Subnet, i: number): number[] {
  const row = subnet.weights[i] ?? [];
  const kept = row.map((w, j) => {
    if (!subnet.permits[i]) return 0;
    if (i === j && i !== subnet.owner) return 0;
    return (subnet.lastUpdate[i] ?? 0) <= (subnet.registeredAt[j] ?? 0) ? 0 : w;
  });
  return scaled(kept);
}

interface Cell {
  readonly i: number;
  readonly j: number;
  readonly W: number[][];
  readonly C: number[];
}

/** Steps 8 and 9. */
function bondOf(subnet: Subnet, { i, j, W, C }: Cell): number {
  const w = W[i]?.[j] ?? 0;
  const c = C[j] ?? 0;
  const goal = (1 - subnet.penalty) * w + subnet.penalty * Math.min(w, c);
  const registered = subnet.registeredAt[j] ?? 0;
  const before = subnet.lastEpochBlock + 1 <= registered ? 0 : (subnet.bonds[i]?.[j] ?? 0);
  let rate = subnet.alpha;
  if (subnet.liquid) {
    const d = w >= before ? w - c : before - w;
    const bounded = d < 0 ? 0 : d > 1 ? 1 : d;
    const { low, high, steepness } = subnet.liquid;
    rate = low + (high - low) * (1 / (1 + Math.E ** (-steepness * (bounded - 0.5))));
  }
  return rate * goal + (1 - rate) * before;
}

/** Step 9 without Yuma3: one column after the other, each of them one whole. */
function sharesOf(
  subnet: Subnet,
  { S, W, C, I }: Record<'S' | 'C' | 'I', number[]> & { readonly W: number[][] },
): Pick<Result, 'dividends' | 'bonds'> {
  const all = S.map((_, i) => i);
  const bonds: number[][] = all.map(() => []);
  const D = all.map(() => 0);
  for (const j of all) {
    const isNew = subnet.lastEpochBlock + 1 <= (subnet.registeredAt[j] ?? 0);
    const held = scaled(all.map((i) => (isNew ? 0 : (subnet.bonds[i]?.[j] ?? 0))));
    const goal = (w: number) => (1 - subnet.penalty) * w + subnet.penalty * Math.min(w, C[j] ?? 0);
    const bought = scaled(all.map((i) => goal(W[i]?.[j] ?? 0) * (S[i] ?? 0)));
    const mixed = held.map((h, i) => subnet.alpha * (bought[i] ?? 0) + (1 - subnet.alpha) * h);
    const column = scaled(mixed);
    const most = Math.max(...column);
    for (const i of all) {
      D[i] = (D[i] ?? 0) + (column[i] ?? 0) * (I[j] ?? 0);
      bonds[i]?.push(most > 0 ? (column[i] ?? 0) / most : 0);
    }
  }
  return { dividends: scaled(D), bonds };
}

function scaled(values: number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return total === 0 ? values.map(() => 0) : values.map((value) => value / total);
}
