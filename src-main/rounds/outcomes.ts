import { AppError } from '../../src-shared/errors/app-error.ts';
import { newestOutcome, outcomeBlockOf } from '../../src-shared/rounds/clock.ts';
import { type NamedBase, namedBase, type Outcome, outcomeOf } from '../../src-shared/rounds/outcome.ts';
import { STATE_KEPT_BLOCKS } from './limits.ts';
import { type RunChain, readWitnesses } from './witnesses.ts';

/** What the chain decided, round by round, and the base that follows (ROUNDS.md section 2). */
export interface Outcomes {
  /**
   * The outcome of a round whose outcome block is final. Where no node has that state any more it is unknown for good;
   * any other failure is thrown, to be asked again.
   */
  outcome(
    at: { readonly round: number; readonly outcomeBlock: number },
    signal: AbortSignal,
  ): Promise<Outcome | { readonly kind: 'unknown' }>;
  /**
   * The current base at the newest finalized block.
   * @param start the block from which rounds count
   * @throws while an outcome block that nodes still keep cannot be read: it is waited for, never passed over
   */
  base(start: number, signal: AbortSignal): Promise<NamedBase>;
}

export function readOutcomes(run: RunChain): Outcomes {
  const { chain, consensus } = run;
  const { clock } = consensus;
  // A final block never changes: each outcome is read once. By outcome block; one span of them is kept.
  const read = new Map<number, Outcome>();

  async function outcomeAt(round: number, outcomeBlock: number, signal: AbortSignal): Promise<Outcome> {
    const known = read.get(outcomeBlock);
    if (known) return known;
    const hash = await chain.blockHash(outcomeBlock, signal);
    const { witnesses, entries } = await readWitnesses(run, hash, signal);
    const outcome = outcomeOf(entries, witnesses.length, { round, outcomeBlock });
    const newest = chain.finalized?.number ?? 0;
    if (outcomeBlock <= newest) read.set(outcomeBlock, outcome);
    for (const block of read.keys()) if (newest - block >= STATE_KEPT_BLOCKS) read.delete(block);
    return outcome;
  }

  return {
    async outcome({ round, outcomeBlock }, signal) {
      try {
        return await outcomeAt(round, outcomeBlock, signal);
      } catch (error) {
        const newest = chain.finalized?.number ?? 0;
        if (signal.aborted || !chain.connected || isKept(outcomeBlock, newest)) throw error;
        return { kind: 'unknown' };
      }
    },

    async base(start, signal) {
      const { finalized } = chain;
      if (!finalized) throw new AppError('CHAIN_UNREACHABLE', { endpoint: chain.endpoint });
      const outcomeBlock = (round: number) => outcomeBlockOf(clock, start, round);
      const newest = newestOutcome(clock, start, finalized.number);
      let round = newest;
      for (; round >= 0 && isKept(outcomeBlock(round), finalized.number); round--) {
        const outcome = await outcomeAt(round, outcomeBlock(round), signal);
        if (outcome.kind === 'committed') return outcome;
      }
      // Every outcome of the run was read, and all are void.
      if (round < 0) return { kind: 'first' };
      const { witnesses, entries } = await readWitnesses(run, finalized.hash, signal);
      return namedBase(entries, witnesses.length, {
        block: finalized.number,
        newestOutcome: newest,
        outcomeBlockOf: outcomeBlock,
      });
    },
  };
}

/** Whether every full node still has the state of that block. */
const isKept = (block: number, newest: number): boolean => newest - block < STATE_KEPT_BLOCKS;
