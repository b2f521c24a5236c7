import { type BeaconTimes, roundAt } from './timelock.ts';

/**
 * When weights under a time lock are opened. Pure; blocks and beacon rounds are numbers, times milliseconds or seconds
 * of the chain, never of this computer: a wrong clock would name a round that comes too early or too late.
 */

/** What the chain says of its epochs and of the beacon that opens the locks, in the state of one block. */
export interface RevealTerms {
  readonly block: number;
  /** Unix milliseconds by the block's own statement. */
  readonly timeMs: number;
  readonly blockMs: number;
  readonly netuid: number;
  readonly tempo: number;
  /** Weights of one epoch are opened so many epochs later. */
  readonly periodEpochs: number;
  /** The first block of the next epoch, by whichever rule the runtime has. */
  readonly nextEpochBlock: number;
  /** Whether epochs go by block numbers alone: the older rule, whose epochs are a block longer. */
  readonly isByNumber: boolean;
  readonly beacon: BeaconTimes;
}

export interface Reveal {
  /** The first block of the next epoch: what is included from there on is opened one epoch later. */
  readonly nextEpochBlock: number;
  /** The first block of the epoch in which the chain opens what is committed now. */
  readonly block: number;
  /** The beacon's round that opens it. */
  readonly round: number;
}

/** Behind the epoch's border by so much, as the subnet's own tools do: nobody opens it before the chain does. */
const PAST_BORDER_BLOCKS = 3;

/**
 * Index of the epoch that a block is in, where epochs go by block numbers: floor((block + netuid + 1) / (tempo + 1)).
 */
export const epochIndex = ({ block, netuid, tempo }: { block: number; netuid: number; tempo: number }) =>
  Math.floor((block + netuid + 1) / (tempo + 1));

/** Blocks whose commits wait for the same epoch. */
export const epochBlocks = ({ tempo, isByNumber }: Pick<RevealTerms, 'tempo' | 'isByNumber'>): number =>
  isByNumber ? tempo + 1 : tempo;

/** For a commit that is included before the next epoch begins. */
export function revealOf(terms: RevealTerms): Reveal {
  const { block, nextEpochBlock, periodEpochs, beacon } = terms;
  const reveals = nextEpochBlock + Math.max(0, periodEpochs - 1) * epochBlocks(terms);
  const waitMs = (reveals + PAST_BORDER_BLOCKS - block) * terms.blockMs;
  // The first that comes then or later; one that is out already would lock nothing.
  const wanted = roundAt(terms.timeMs + waitMs - 1, beacon) + 1;
  const soonest = roundAt(terms.timeMs, beacon) + 1;
  return { nextEpochBlock, block: reveals, round: Math.max(wanted, soonest) };
}
