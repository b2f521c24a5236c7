import type { Consensus } from '../../src-shared/profile/schema.ts';
import { averagingEvery, firstBlockOf, outcomeBlockOf } from '../../src-shared/rounds/clock.ts';
import { currentBase, type Outcome, outcomeOf, type WitnessEntry } from '../../src-shared/rounds/outcome.ts';
import { recordIn } from '../../src-shared/rounds/record.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain, Neuron } from '../network/chain.ts';
import { STATE_KEPT_BLOCKS } from './limits.ts';
import type { OpeningFacts } from './round-state.ts';

/** Identity field and record together, as the chain counts them; both fields at most 128 bytes. */
const COMMITMENT_BYTES = 256;

/** The chain as this run's witnesses write on it. */
export interface RunChain {
  readonly chain: Chain;
  readonly consensus: Consensus;
  readonly tag: Hex;
}

/** A round's facts: from the state of its first block where that can still be had, else from the newest one. */
export async function readFacts(
  run: RunChain,
  start: number,
  round: number,
  signal: AbortSignal,
): Promise<OpeningFacts> {
  const { chain, consensus } = run;
  const blockHash = await chain.blockHash(firstBlockOf(consensus.clock, start, round), signal);
  const [at, neurons] = await neuronsAt(chain, blockHash, signal);
  const [witnesses, subnet] = await Promise.all([
    witnessesAt(run, neurons, at, signal),
    chain.subnet(at, signal),
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
    base: await readBase(run, start, witnesses, signal),
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

/** The profile's hotkeys; or the k with most stake that hold a permit and whose commitment carries the run's tag. */
async function witnessesAt(
  { chain, consensus, tag }: RunChain,
  neurons: readonly Neuron[],
  at: Hex | null,
  signal: AbortSignal,
): Promise<readonly Ss58[]> {
  if (consensus.witnesses.kind === 'hotkeys') return consensus.witnesses.hotkeys;
  const permitted = neurons.filter(({ validatorPermit }) => validatorPermit);
  const slots = await chain.commitments(
    permitted.map(({ hotkey }) => hotkey),
    at,
    signal,
  );
  const tagged = permitted
    .filter(({ hotkey }) => recordIn(slots.get(hotkey)?.fields ?? [], tag) !== null)
    .sort((a, b) => Number(b.stakeAlpha - a.stakeAlpha) || a.uid - b.uid)
    .slice(0, consensus.witnesses.count);
  // An even number could split in halves; the least of them stands back.
  const odd = tagged.length % 2 === 0 ? tagged.slice(0, -1) : tagged;
  return odd.map(({ hotkey }) => hotkey);
}

/** The current base in the newest finalized state. */
async function readBase(
  run: RunChain,
  start: number,
  witnesses: readonly Ss58[],
  signal: AbortSignal,
): Promise<Hex | null> {
  const { finalized } = run.chain;
  if (!finalized) return null;
  const entries = await entriesAt(run, witnesses, finalized.hash, signal);
  return currentBase(entries, witnesses.length, {
    block: finalized.number,
    outcomeBlockOf: (round) => outcomeBlockOf(run.consensus.clock, start, round),
  });
}

/**
 * The outcome of a round in the state of its outcome block. Where no node has that state any more it is unknown for
 * good; any other failure is thrown, to be asked again.
 */
export async function readOutcome(
  run: RunChain,
  at: { readonly round: number; readonly outcomeBlock: number; readonly witnesses: readonly Ss58[] },
  signal: AbortSignal,
): Promise<Outcome | { readonly kind: 'unknown' }> {
  try {
    const hash = await run.chain.blockHash(at.outcomeBlock, signal);
    const entries = await entriesAt(run, at.witnesses, hash, signal);
    return outcomeOf(entries, at.witnesses.length, at);
  } catch (error) {
    const age = (run.chain.finalized?.number ?? 0) - at.outcomeBlock;
    if (signal.aborted || !run.chain.connected || age <= STATE_KEPT_BLOCKS) throw error;
    return { kind: 'unknown' };
  }
}

async function entriesAt(
  { chain, tag }: RunChain,
  witnesses: readonly Ss58[],
  hash: Hex,
  signal: AbortSignal,
): Promise<readonly WitnessEntry[]> {
  const slots = await chain.commitments(witnesses, hash, signal);
  return witnesses.flatMap((hotkey) => {
    const slot = slots.get(hotkey);
    return slot ? [{ block: slot.block, record: recordIn(slot.fields, tag) }] : [];
  });
}
