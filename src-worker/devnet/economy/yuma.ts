/**
 * Yuma consensus of one mechanism, in doubles (the chain's 32.32 fixed point agrees to 1e-4). Vectors are by uid,
 * matrices are [validator][miner]. Only additions, products, quotients and comparisons: the same on every machine.
 */
export interface EpochInput {
  readonly block: number;
  readonly lastEpochBlock: number;
  /** Alpha that backs each hotkey; any unit, it is normalised. */
  readonly stake: readonly number[];
  readonly lastUpdate: readonly number[];
  /** Block of the oldest commit that is still closed; null where there is none. */
  readonly committedAt: readonly (number | null)[];
  readonly registeredAt: readonly number[];
  /** Permits of the previous epoch; this epoch's come out. */
  readonly permits: readonly boolean[];
  readonly ownerUid: number | null;
  readonly weights: Matrix;
  /** Bonds of the previous epoch, 0..1. */
  readonly bonds: Matrix;
  readonly maxValidators: number;
  readonly activityCutoff: number;
  /** Share of stake that has to agree, 0..1. */
  readonly kappa: number;
  /** 1: bonds follow clipped weights only; 0: the weights as set. */
  readonly bondsPenalty: number;
  /** How much of the new enters the bonds' moving average in one epoch, 0..1. */
  readonly bondsAlpha: number;
}

export type Matrix = readonly (readonly number[])[];

export interface EpochOutcome {
  readonly active: boolean[];
  readonly permits: boolean[];
  readonly consensus: number[];
  readonly validatorTrust: number[];
  /** Sums to 1, or all zero. */
  readonly incentive: number[];
  /** Sums to 1, or all zero. */
  readonly dividends: number[];
  readonly bonds: number[][];
  /** Active stake, or all stake where none is active: who is paid while nobody has earned anything. */
  readonly backing: number[];
}

export function runEpoch(input: EpochInput): EpochOutcome {
  const stake = normalise(input.stake);
  const active = input.lastUpdate.map((at) => at + input.activityCutoff >= input.block);
  const activeStake = normalise(stake.map((amount, uid) => (active[uid] && input.permits[uid] ? amount : 0)));

  const weights = countedWeights(input);
  const consensus = columns(weights).map((column) => weightedMedian(column, activeStake, input.kappa));
  const clipped = weights.map((row) => row.map((weight, uid) => Math.min(weight, consensus[uid] ?? 0)));
  const validatorTrust = clipped.map(sum);
  const incentive = normalise(columns(clipped).map((column) => dot(column, activeStake)));

  const bonds = nextBonds(input, weights, clipped);
  const owned = columns(bonds).map(normalise);
  const dividends = normalise(
    activeStake.map((amount, i) => amount * sum(incentive.map((share, j) => share * (owned[j]?.[i] ?? 0)))),
  );
  const permits = nextPermits(input, stake);
  const kept = bonds.map((row, i) => (permits[i] ? row : row.map(() => 0)));
  const backing = sum(activeStake) > 0 ? activeStake : stake;
  return { active, permits, consensus, validatorTrust, incentive, dividends, bonds: kept, backing };
}

/** Rows of permit holders only, without self-votes (the owner keeps its own) and without votes for a neuron's predecessor. */
function countedWeights(input: EpochInput): number[][] {
  return input.weights.map((row, i) => {
    if (!input.permits[i]) return row.map(() => 0);
    const committedAt = input.committedAt[i] ?? Number.POSITIVE_INFINITY;
    const stale = (j: number) => {
      const registeredAt = input.registeredAt[j] ?? 0;
      return (input.lastUpdate[i] ?? 0) <= registeredAt || committedAt < registeredAt;
    };
    const self = (j: number) => i === j && i !== input.ownerUid;
    return normalise(row.map((weight, j) => (stale(j) || self(j) ? 0 : weight)));
  });
}

/** Yuma3: every cell its own moving average; a column whose neuron is new since the last epoch starts from nothing. */
function nextBonds(input: EpochInput, weights: Matrix, clipped: Matrix): number[][] {
  const isNew = input.registeredAt.map((at) => at >= input.lastEpochBlock + 1);
  return weights.map((row, i) =>
    row.map((weight, j) => {
      const target = weight + input.bondsPenalty * ((clipped[i]?.[j] ?? 0) - weight);
      const before = isNew[j] ? 0 : (input.bonds[i]?.[j] ?? 0);
      return before + input.bondsAlpha * (target - before);
    }),
  );
}

/** The K largest stakes above zero, ties to the lower uid, and the owner. */
function nextPermits(input: EpochInput, stake: readonly number[]): boolean[] {
  const order = stake.map((_amount, uid) => uid).sort((a, b) => (stake[b] ?? 0) - (stake[a] ?? 0) || a - b);
  const chosen = new Set(order.filter((uid) => (stake[uid] ?? 0) > 0).slice(0, input.maxValidators));
  return stake.map((_amount, uid) => chosen.has(uid) || uid === input.ownerUid);
}

/** The largest weight that validators with at least `kappa` of the stake give or exceed. */
export function weightedMedian(scores: readonly number[], stake: readonly number[], kappa: number): number {
  const total = sum(stake);
  if (total === 0) return 0;
  const minority = total - kappa * total;
  const order = scores.map((_score, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let below = 0;
  for (const i of order) {
    below += stake[i] ?? 0;
    if (below > minority) return scores[i] ?? 0;
  }
  return 0;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, value, i) => total + value * (b[i] ?? 0), 0);
const columns = (matrix: Matrix): number[][] => matrix.map((_row, j) => matrix.map((row) => row[j] ?? 0));

function normalise(values: readonly number[]): number[] {
  const total = sum(values);
  return values.map((value) => (total > 0 ? value / total : 0));
}
