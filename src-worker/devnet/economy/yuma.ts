import { sharedBonds } from './yuma2.ts';

/**
 * Yuma consensus of one mechanism, in doubles (the chain's 32.32 fixed point agrees to 1e-4). Vectors are by uid,
 * matrices are [validator][miner]. Only additions, products, quotients and comparisons, and so the same on every
 * machine, but for liquid alpha, which needs an exponential.
 */
export interface EpochInput {
  readonly block: number;
  readonly lastEpochBlock: number;
  /** What backs each hotkey; any unit, it is normalised. */
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
  /** How bonds are kept: 3, each for itself, or 2, as shares of one whole. */
  readonly yuma: 2 | 3;
  /** A rate for each bond instead, with Yuma3, by how far its weight lies from consensus; null: `bondsAlpha` for all. */
  readonly liquidAlpha: LiquidAlpha | null;
}

/** Rates go from `low` to `high` along a sigmoid whose middle is a distance of one half. */
export interface LiquidAlpha {
  readonly low: number;
  readonly high: number;
  /** `AlphaSigmoidSteepness` / 100. */
  readonly steepness: number;
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
  readonly bonds: (readonly number[])[];
  /** Active stake, or all stake where none is active: who is paid while nobody has earned anything. */
  readonly backing: number[];
}

export function runEpoch(input: EpochInput): EpochOutcome {
  const stake = normalise(input.stake);
  // Most uids do not validate: they share one row of nothing.
  const none = new Array<number>(stake.length).fill(0);
  const active = input.lastUpdate.map((at) => at + input.activityCutoff >= input.block);
  const activeStake = normalise(stake.map((amount, uid) => (active[uid] && input.permits[uid] ? amount : 0)));

  const weights = countedWeights(input, none);
  const consensus = medians(weights, activeStake, input.kappa);
  const clipped = weights.map((row) =>
    onlyIfAny(row, (weight, uid) => Math.min(weight, consensus[uid] ?? 0)),
  );
  const incentive = normalise(columnSums(clipped, activeStake));

  const votes = { weights, clipped, consensus };
  const { bonds, earned } =
    input.yuma === 3
      ? ownBonds(input, votes, { activeStake, incentive }, none)
      : sharedBonds({
          before: input.bonds.map((row) => onlyIfAny(row, (bond, j) => (isNewcomer(input, j) ? 0 : bond))),
          target: weights.map((row, i) => onlyIfAny(row, (_weight, j) => followed(input, votes, i, j))),
          stake: activeStake,
          incentive,
          rate: input.bondsAlpha,
        });
  const dividends = normalise(earned);
  const permits = nextPermits(input, stake);
  return {
    active,
    permits,
    consensus,
    validatorTrust: clipped.map(sum),
    incentive,
    dividends,
    bonds: bonds.map((row, i) => (permits[i] ? row : none)),
    backing: sum(activeStake) > 0 ? activeStake : stake,
  };
}

/** Rows of permit holders only, without self-votes (the owner keeps its own) and without votes for a neuron's predecessor. */
function countedWeights(input: EpochInput, none: readonly number[]): (readonly number[])[] {
  return input.weights.map((row, i) => {
    if (!input.permits[i]) return none;
    const committedAt = input.committedAt[i] ?? Number.POSITIVE_INFINITY;
    const stale = (j: number) => {
      const registeredAt = input.registeredAt[j] ?? 0;
      return (input.lastUpdate[i] ?? 0) <= registeredAt || committedAt < registeredAt;
    };
    const self = (j: number) => i === j && i !== input.ownerUid;
    return normalise(row.map((weight, j) => (stale(j) || self(j) ? 0 : weight)));
  });
}

interface Votes {
  readonly weights: Matrix;
  readonly clipped: Matrix;
  readonly consensus: readonly number[];
}

/** What a bond moves towards: its weight, or as much of it as consensus leaves. */
function followed({ bondsPenalty }: EpochInput, { weights, clipped }: Votes, i: number, j: number): number {
  const weight = weights[i]?.[j] ?? 0;
  return weight + bondsPenalty * ((clipped[i]?.[j] ?? 0) - weight);
}

const isNewcomer = ({ registeredAt, lastEpochBlock }: EpochInput, uid: number): boolean =>
  (registeredAt[uid] ?? 0) >= lastEpochBlock + 1;

interface Earning {
  readonly activeStake: readonly number[];
  readonly incentive: readonly number[];
}

/** Yuma3: bonds stand for themselves, and stake weighs what they earn. */
function ownBonds(
  input: EpochInput,
  votes: Votes,
  { activeStake, incentive }: Earning,
  none: readonly number[],
): { readonly bonds: (readonly number[])[]; readonly earned: number[] } {
  const bonds = nextBonds(input, votes, none);
  const total = columnSums(bonds);
  const earned = activeStake.map((amount, i) => amount * shareOfIncentive(bonds[i] ?? [], total, incentive));
  return { bonds, earned };
}

/** Yuma3: every cell its own moving average; a column whose neuron is new since the last epoch starts from nothing. */
function nextBonds(input: EpochInput, votes: Votes, none: readonly number[]): (readonly number[])[] {
  const { weights, consensus } = votes;
  return weights.map((row, i) => {
    const old = input.bonds[i] ?? [];
    if (!row.some(isSomething) && !old.some(isSomething)) return none;
    return row.map((weight, j) => {
      const target = followed(input, votes, i, j);
      const before = isNewcomer(input, j) ? 0 : (old[j] ?? 0);
      const rate = input.liquidAlpha
        ? liquidRate(input.liquidAlpha, weight, before, consensus[j] ?? 0)
        : input.bondsAlpha;
      return before + rate * (target - before);
    });
  });
}

/** Fast where a bond is bought of one that consensus does not back yet, or where a bond is left. */
function liquidRate({ low, high, steepness }: LiquidAlpha, weight: number, bond: number, consensus: number) {
  const distance = weight >= bond ? weight - consensus : bond - weight;
  const clamped = Math.min(1, Math.max(0, distance));
  return low + (high - low) / (1 + Math.exp(-steepness * (clamped - 0.5)));
}

/** The K largest stakes above zero, ties to the lower uid, and the owner. */
function nextPermits(input: EpochInput, stake: readonly number[]): boolean[] {
  const order = stake.map((_amount, uid) => uid).sort((a, b) => (stake[b] ?? 0) - (stake[a] ?? 0) || a - b);
  const chosen = new Set(order.filter((uid) => (stake[uid] ?? 0) > 0).slice(0, input.maxValidators));
  return stake.map((_amount, uid) => chosen.has(uid) || uid === input.ownerUid);
}

/** Consensus of every column. Only those with stake have a say, and they are few among all uids. */
function medians(weights: Matrix, stake: readonly number[], kappa: number): number[] {
  const backers = stake.map((_amount, uid) => uid).filter((uid) => (stake[uid] ?? 0) > 0);
  const shares = backers.map((uid) => stake[uid] ?? 0);
  return stake.map((_amount, j) =>
    weightedMedian(
      backers.map((uid) => weights[uid]?.[j] ?? 0),
      shares,
      kappa,
    ),
  );
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

/** The part of all incentive that one validator's bonds give it. @param total bonds of each column */
function shareOfIncentive(
  bonds: readonly number[],
  total: readonly number[],
  incentive: readonly number[],
): number {
  let share = 0;
  for (const [j, bond] of bonds.entries())
    if (bond > 0) share += (incentive[j] ?? 0) * (bond / (total[j] ?? 1));
  return share;
}

const isSomething = (value: number): boolean => value !== 0;

/** Nothing of nothing: most rows of a matrix belong to uids that do not validate. */
const onlyIfAny = (row: readonly number[], of: (value: number, j: number) => number): readonly number[] =>
  row.some(isSomething) ? row.map(of) : row;

const sum = (values: readonly number[]): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** Sum of each column, its rows weighed by a factor each, or all alike. */
function columnSums(matrix: Matrix, factors?: readonly number[]): number[] {
  const sums = new Array<number>(matrix.length).fill(0);
  for (const [i, row] of matrix.entries()) {
    const factor = factors ? (factors[i] ?? 0) : 1;
    if (factor === 0) continue;
    for (let j = 0; j < row.length; j++) sums[j] = (sums[j] ?? 0) + (row[j] ?? 0) * factor;
  }
  return sums;
}

function normalise(values: readonly number[]): number[] {
  const total = sum(values);
  return values.map((value) => (total > 0 ? value / total : 0));
}
