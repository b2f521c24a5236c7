import type { CodecId } from '../../src-shared/codec/table.ts';
import type { Receipt } from '../../src-shared/rounds/messages.ts';
import { measuredRates } from '../../src-shared/rounds/rates.ts';
import { chooseTier } from '../../src-shared/rounds/tier.ts';
import { RATE_ROUNDS } from './limits.ts';
import type { MachineSetup, MachineState, OpenRound } from './round-state.ts';

/** What the rounds before show of each member: the rates of its link, and whether it was there when it was listed. */

export function heardReceipts(
  state: MachineState,
  { round, receipts }: { readonly round: number; readonly receipts: readonly Receipt[] },
): MachineState {
  const others = state.moved.filter((one) => one.round !== round);
  const moved = receipts.length === 0 ? state.moved : [{ round, receipts }, ...others];
  const newest = [...moved].sort((a, b) => b.round - a.round).slice(0, RATE_ROUNDS);
  return { ...state, moved: newest, rates: measuredRates(newest.map((one) => one.receipts)) };
}

/**
 * Who was listed and had nothing taken of it is silent until it is listed again. Only who has nearly all results can
 * tell: its own losses must not count against others.
 */
export function heardSilence(
  { consensus }: MachineSetup,
  state: MachineState,
  { roster, report }: OpenRound,
): MachineState {
  if (!roster || !report || report.elementsShare < consensus.reduce.commitShare) return state;
  const silent = new Set(state.silent);
  const taken = new Map(report.members.map(({ hotkey, takenShare }) => [hotkey, takenShare]));
  for (const { hotkey, weight } of roster.members) {
    if (weight === 0) continue;
    if (taken.get(hotkey) === 0) silent.add(hotkey);
    else silent.delete(hotkey);
  }
  return { ...state, silent };
}

/** The tier of our next contribution, by what receipts show of our link. */
export const nextTier = (
  { consensus, hotkey, tierBytes }: MachineSetup,
  { tier, rates }: MachineState,
): CodecId =>
  chooseTier(consensus.codec.tiers, {
    last: tier,
    bytes: tierBytes,
    upBytesPerS: rates.get(hotkey)?.upBytesPerS ?? null,
    exchangeMs: consensus.reduce.exchangeBlocks * consensus.clock.blockMs,
  });
