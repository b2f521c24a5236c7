/**
 * How fast the practice chain should go. Trainers, swarm and chain share one machine with whatever else its user does,
 * so the time between blocks follows what rounds really take: a machine that becomes busy gets slower blocks before its
 * rounds fail, and quick ones again soon after. Pure; times in ms.
 */
export interface PaceLimits {
  readonly fastestMs: number;
  readonly slowestMs: number;
  /** Inner steps that have to fit before the ready block. */
  readonly stepsPerRound: number;
}

export const PACE: PaceLimits = { fastestMs: 1_000, slowestMs: 6_000, stepsPerRound: 8 };

/** Blocks of the round's parts, from the profile's clock. */
export interface RoundBlocks {
  /** From the round's first block to the ready block. */
  readonly ready: number;
  /** From the ready block to the last roster, and from there to the outcome. */
  readonly gather: number;
  readonly average: number;
  /** Of these what the exchange has: what comes later counts for nothing. */
  readonly exchange: number;
}

/** What was seen in the newest round, as wall time; null where nothing was. */
export interface PaceSeen {
  /** One inner step in the mean, with what it waited for the processor. */
  readonly stepMs: number | null;
  /** From the ready block to the own Ready. */
  readonly gatherMs: number | null;
  /** From the roster to the own result. */
  readonly averageMs: number | null;
  /** Of these the exchange alone. */
  readonly exchangeMs: number | null;
  /** What rounds that came to nothing asked for since the last that was committed; 0 for none. */
  readonly atLeastMs: number;
  /** Whether shorter blocks would disturb nothing now. */
  readonly mayQuicken: boolean;
}

/** Of a part's time so much may be used up by what was measured: the rest is for others, who may be slower. */
const USED_SHARE = 0.6;
/** Chunks close over the first 0.8 of the exchange: what took longer than this share of it was close to being late. */
const EXCHANGED_SHARE = 0.7;
/**
 * Where a member is silent every exchange takes as long as it may, at any pace: it never asks for more than so many times
 * the quickest blocks.
 */
const EXCHANGE_SLOWEST = 2;
/** Each round that came to nothing asks for so much more time than it had. */
const MISSED_FACTOR = 1.5;
/** Changes below this share are noise. */
const NOISE = 0.1;
/** In one look the chain quickens at most by this factor; it slows down at once. */
const QUICKEN = 0.6;

/** The block time before anything ran: from the start-up benchmark, the trainers sharing the cores. */
export function firstBlockMs(
  stepMs: number | null,
  shared: { readonly trainers: number; readonly cores: number },
  blocks: RoundBlocks,
  limits: PaceLimits = PACE,
): number {
  const wallMs = stepMs === null ? null : stepMs * Math.max(1, shared.trainers / shared.cores);
  return bounded(
    neededMs({ stepMs: wallMs, gatherMs: null, averageMs: null, exchangeMs: null }, blocks, limits),
    limits,
  );
}

/** @returns the block time that should hold from now on; the present one where nothing is to be changed */
export function nextBlockMs(
  presentMs: number,
  seen: PaceSeen,
  blocks: RoundBlocks,
  limits: PaceLimits = PACE,
): number {
  const { stepMs, gatherMs, averageMs, atLeastMs } = seen;
  if (stepMs === null && gatherMs === null && averageMs === null && atLeastMs === 0) return presentMs;
  const wanted = bounded(Math.max(neededMs(seen, blocks, limits), atLeastMs), limits);
  if (Math.abs(wanted - presentMs) <= presentMs * NOISE) return presentMs;
  if (wanted > presentMs) return wanted;
  return seen.mayQuicken ? bounded(Math.max(wanted, presentMs * QUICKEN), limits) : presentMs;
}

/** The block time that a round asks for which came to nothing at this one. */
export const afterMissed = (presentMs: number): number => presentMs * MISSED_FACTOR;

function neededMs(
  {
    stepMs,
    gatherMs,
    averageMs,
    exchangeMs,
  }: Pick<PaceSeen, 'stepMs' | 'gatherMs' | 'averageMs' | 'exchangeMs'>,
  blocks: RoundBlocks,
  limits: PaceLimits,
): number {
  const forSteps = ((stepMs ?? 0) * limits.stepsPerRound) / blocks.ready;
  const forGather = (gatherMs ?? 0) / (blocks.gather * USED_SHARE);
  const forAverage = (averageMs ?? 0) / (blocks.average * USED_SHARE);
  const forExchange = (exchangeMs ?? 0) / (blocks.exchange * EXCHANGED_SHARE);
  return Math.max(
    forSteps,
    forGather,
    forAverage,
    Math.min(forExchange, EXCHANGE_SLOWEST * limits.fastestMs),
  );
}

const bounded = (blockMs: number, { fastestMs, slowestMs }: PaceLimits): number =>
  Math.round(Math.min(slowestMs, Math.max(fastestMs, blockMs)) / 100) * 100;
