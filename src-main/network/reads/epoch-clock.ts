import type { Hex } from '../../../src-shared/units.ts';
import type { EpochClock } from '../epoch-rule.ts';
import type { Session } from '../session.ts';
import { parse, smallUint } from '../storage.ts';
import { readItems } from './items.ts';

const NAMES = [
  'Tempo',
  'BlocksSinceLastStep',
  'LastEpochBlock',
  'PendingEpochAt',
  'SubnetEpochIndex',
] as const;

/** By which rule a subnet's epochs go and where it stands, in the state of one block. */
export async function readEpochClock(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<Required<EpochClock>> {
  const found = await readItems(session, NAMES, [netuid], at, signal);
  const orNull = (value: unknown) => (value === undefined || value === null ? null : parse(smallUint, value));
  return {
    netuid,
    tempo: parse(smallUint, found.Tempo),
    blocksSinceLastStep: parse(smallUint, found.BlocksSinceLastStep),
    lastEpochBlock: orNull(found.LastEpochBlock),
    epochIndex: orNull(found.SubnetEpochIndex),
    // The chain keeps zero where none is called.
    pendingEpochAt: orNull(found.PendingEpochAt) || null,
  };
}
