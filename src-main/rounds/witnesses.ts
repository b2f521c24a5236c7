import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { WitnessEntry } from '../../src-shared/rounds/outcome.ts';
import { recordIn } from '../../src-shared/rounds/record.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain, Commitment, Neuron } from '../network/chain.ts';

/** The chain as this run's witnesses write on it. */
export interface RunChain {
  readonly chain: Chain;
  readonly consensus: Consensus;
  readonly tag: Hex;
}

/** Who witnesses in one state, and what the slots of all of them say in that same state. */
export interface WitnessState {
  readonly witnesses: readonly Ss58[];
  readonly entries: readonly WitnessEntry[];
}

export async function readWitnesses(run: RunChain, at: Hex, signal: AbortSignal): Promise<WitnessState> {
  const { chain, consensus } = run;
  if (consensus.witnesses.kind === 'by-stake') return byStake(run, at, signal);
  const { hotkeys } = consensus.witnesses;
  const slots = await chain.commitments(hotkeys, at, signal);
  return { witnesses: hotkeys, entries: entriesOf(run, hotkeys, slots) };
}

async function byStake(run: RunChain, at: Hex, signal: AbortSignal): Promise<WitnessState> {
  const permitted = permitHolders(await run.chain.metagraph(at, signal));
  const slots = await slotsOf(run, permitted, at, signal);
  const witnesses = mostStaked(run, permitted, slots);
  return { witnesses, entries: entriesOf(run, witnesses, slots) };
}

/** The witnesses in a state whose neurons are known. @param at null is the newest finalized state */
export async function witnessesAmong(
  run: RunChain,
  neurons: readonly Neuron[],
  at: Hex | null,
  signal: AbortSignal,
): Promise<readonly Ss58[]> {
  if (run.consensus.witnesses.kind === 'hotkeys') return run.consensus.witnesses.hotkeys;
  const permitted = permitHolders(neurons);
  return mostStaked(run, permitted, await slotsOf(run, permitted, at, signal));
}

type Slots = ReadonlyMap<Ss58, Commitment>;

const permitHolders = (neurons: readonly Neuron[]) =>
  neurons.filter(({ validatorPermit }) => validatorPermit);

const slotsOf = ({ chain }: RunChain, of: readonly Neuron[], at: Hex | null, signal: AbortSignal) =>
  chain.commitments(
    of.map(({ hotkey }) => hotkey),
    at,
    signal,
  );

/** The k with most stake whose commitment carries the run's tag. */
function mostStaked(
  { consensus, tag }: RunChain,
  permitted: readonly Neuron[],
  slots: Slots,
): readonly Ss58[] {
  if (consensus.witnesses.kind === 'hotkeys') return consensus.witnesses.hotkeys;
  const tagged = permitted
    .filter(({ hotkey }) => recordIn(slots.get(hotkey)?.fields ?? [], tag) !== null)
    .sort((a, b) => Number(b.stakeAlpha - a.stakeAlpha) || a.uid - b.uid)
    .slice(0, consensus.witnesses.count);
  // An even number could split in halves; the least of them stands back.
  const odd = tagged.length % 2 === 0 ? tagged.slice(0, -1) : tagged;
  return odd.map(({ hotkey }) => hotkey);
}

function entriesOf({ tag }: RunChain, witnesses: readonly Ss58[], slots: Slots): readonly WitnessEntry[] {
  return witnesses.flatMap((hotkey) => {
    const slot = slots.get(hotkey);
    return slot ? [{ block: slot.block, record: recordIn(slot.fields, tag) }] : [];
  });
}
