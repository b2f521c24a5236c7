import type { Consensus } from '../profile/schema.ts';

export type Clock = Consensus['clock'];

/** Where a finalized block stands in the run's clock. Before the start `round` is negative. */
export interface ClockReading {
  readonly round: number;
  /** Blocks of the round gone, 0 in its first block. */
  readonly offset: number;
  readonly phase: ClockPhase;
}

export type ClockPhase = 'before-start' | 'work' | 'ready' | 'reduce' | 'after-outcome';

/** The block from which rounds count; null while it is not known (the owner has not started emission yet). */
export function startBlock(clock: Clock, firstEmissionBlock: number | null): number | null {
  return clock.start.kind === 'block' ? clock.start.block : firstEmissionBlock;
}

/** round = floor((block - start) / blocksPerRound), on finalized blocks. */
export function readClock(clock: Clock, start: number, block: number): ClockReading {
  const round = Math.floor((block - start) / clock.blocksPerRound);
  const offset = block - firstBlockOf(clock, start, round);
  return { round, offset, phase: round < 0 ? 'before-start' : phaseAt(clock, offset) };
}

export const firstBlockOf = (clock: Clock, start: number, round: number): number =>
  start + round * clock.blocksPerRound;

export const outcomeBlockOf = (clock: Clock, start: number, round: number): number =>
  firstBlockOf(clock, start, round) + clock.outcome;

/** The newest round whose outcome block has come by this block; -1 for none. */
export const newestOutcome = (clock: Clock, start: number, block: number): number =>
  Math.max(-1, Math.floor((block - outcomeBlockOf(clock, start, 0)) / clock.blocksPerRound));

function phaseAt(clock: Clock, offset: number): ClockPhase {
  if (offset < clock.ready) return 'work';
  if (offset < clock.roster) return 'ready';
  return offset < clock.outcome ? 'reduce' : 'after-outcome';
}

/** A commitment call counts for at least this many bytes of the epoch's space, however short it is. */
const BYTES_CHARGED_AT_LEAST = 100;

/**
 * Every how many rounds peers average: 1, unless the rounds of an epoch would need more than half of the commitment
 * writes that the chain allows in it. All read the same state (the round's first block) and so agree.
 * @param epochBlocks blocks between two resets of the commitment space
 * @param commitmentBytes size of a witness's whole commitment
 */
export function averagingEvery(at: {
  readonly blocksPerRound: number;
  readonly epochBlocks: number;
  readonly maxBytesPerEpoch: number;
  readonly commitmentBytes: number;
}): number {
  const charged = Math.max(BYTES_CHARGED_AT_LEAST, at.commitmentBytes);
  const mayWrite = Math.floor(at.maxBytesPerEpoch / charged / 2);
  const rounds = Math.ceil(at.epochBlocks / at.blocksPerRound);
  if (mayWrite < 1) return rounds;
  return Math.max(1, Math.ceil(rounds / mayWrite));
}
