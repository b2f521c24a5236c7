import type { Consensus } from './schema.ts';

/** A record needs a block to be written in, and one more each for the word to the witness and its way to the chain. */
const RECORD_BLOCKS = 3;

const witnessesOf = ({ witnesses }: Pick<Consensus, 'witnesses'>): number =>
  witnesses.kind === 'hotkeys' ? witnesses.hotkeys.length : witnesses.count;

/**
 * The earliest outcome offset that leaves every step of a round its blocks (ROUNDS section 1), in the worst order of
 * witnesses: all but the last are silent, for the roster and for the results list.
 */
export function earliestOutcome(
  consensus: Pick<Consensus, 'clock' | 'group' | 'reduce' | 'witnesses'>,
): number {
  const { clock, group, reduce } = consensus;
  const silent = witnessesOf(consensus) - 1;
  return (
    clock.roster +
    silent * group.silentProposerBlocks +
    reduce.exchangeBlocks +
    silent * reduce.silentListBlocks +
    reduce.fetchBlocks +
    reduce.prepareBlocks +
    RECORD_BLOCKS
  );
}
