import { firstBlockOf } from '../../src-shared/rounds/clock.ts';
import { encodeRecord, recordIn } from '../../src-shared/rounds/record.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Parts } from './commands.ts';
import { CHAIN_READ_LIMIT_MS, RECORD_LIMIT_MS } from './limits.ts';
import type { MachineState, OpenRound } from './round-state.ts';

/**
 * Where witnesses are those with most stake, a validator shows that it would be one by a record without result: its
 * commitment then carries the run's tag. It is written once, before anybody is ready in the round, and never over a
 * record that is there.
 */
export async function announceCandidacy(
  parts: Parts,
  { hotkey, role }: { readonly hotkey: Ss58; readonly role: 'miner' | 'validator' },
  { start, standing, finalized }: MachineState,
  current: OpenRound,
): Promise<void> {
  const { chain, consensus, commitmentWriter, tag, signal } = parts;
  if (consensus.witnesses.kind !== 'by-stake' || role !== 'validator' || !commitmentWriter) return;
  if (start === null || finalized === null) return;
  const lastBlock = firstBlockOf(consensus.clock, start, current.round) + consensus.clock.ready;
  if (finalized >= lastBlock) return;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CHAIN_READ_LIMIT_MS)]);
  const slots = await chain.commitments([hotkey], null, limit);
  if (recordIn(slots.get(hotkey)?.fields ?? [], tag)) return;
  const { round } = current;
  const field = encodeRecord({ tag, round, parentId: standing.id, resultId: null });
  await commitmentWriter.writeRecord(
    { decision: `candidacy in round ${round}`, field, lastBlock },
    AbortSignal.any([signal, AbortSignal.timeout(RECORD_LIMIT_MS)]),
  );
}
