import { averagingEvery, firstBlockOf } from '../../src-shared/rounds/clock.ts';
import { recordIn, type WitnessRecord } from '../../src-shared/rounds/record.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain, Neuron } from '../network/chain.ts';
import type { Outcomes } from './outcomes.ts';
import type { OpeningFacts } from './round-state.ts';
import { type RunChain, witnessesAmong } from './witnesses.ts';

/** Identity field and record together, as the chain counts them; both fields at most 128 bytes. */
const COMMITMENT_BYTES = 256;

export interface FactsRequest {
  readonly start: number;
  readonly round: number;
  /** Whose own record is looked at: a validator's; null for who writes none. */
  readonly writer: Ss58 | null;
}

/** A round's facts: from the state of its first block where that can still be had, else from the newest one. */
export async function readFacts(
  run: RunChain,
  outcomes: Outcomes,
  { start, round, writer }: FactsRequest,
  signal: AbortSignal,
): Promise<OpeningFacts> {
  const { chain, consensus } = run;
  const blockHash = await chain.blockHash(firstBlockOf(consensus.clock, start, round), signal);
  const [at, neurons] = await neuronsAt(chain, blockHash, signal);
  const [witnesses, subnet, base, ownRecord] = await Promise.all([
    witnessesAmong(run, neurons, at, signal),
    chain.subnet(at, signal),
    outcomes.base(start, signal),
    readOwnRecord(run, writer, signal),
  ]);
  const every = averagingEvery({
    blocksPerRound: consensus.clock.blocksPerRound,
    // The runtime counts tempo + 1 blocks from epoch to epoch.
    epochBlocks: subnet.tempo + 1,
    maxBytesPerEpoch: subnet.maxCommitmentBytesPerEpoch,
    commitmentBytes: COMMITMENT_BYTES,
  });
  return {
    blockHash,
    witnesses,
    coldkeys: new Map(neurons.map(({ hotkey, coldkey }) => [hotkey, coldkey])),
    averages: round % every === 0,
    base,
    ownRecord,
  };
}

/** State at a round's first block is pruned for a late joiner of a long round; the newest one then has to do. */
async function neuronsAt(
  chain: Chain,
  hash: Hex,
  signal: AbortSignal,
): Promise<[Hex | null, readonly Neuron[]]> {
  try {
    return [hash, await chain.metagraph(hash, signal)];
  } catch (error) {
    if (signal.aborted) throw error;
    return [null, await chain.metagraph(null, signal)];
  }
}

async function readOwnRecord(
  { chain, tag }: RunChain,
  writer: Ss58 | null,
  signal: AbortSignal,
): Promise<WitnessRecord | null> {
  if (writer === null) return null;
  const slots = await chain.commitments([writer], null, signal);
  return recordIn(slots.get(writer)?.fields ?? [], tag);
}
