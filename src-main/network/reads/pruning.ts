import type { PruningRules } from '../../../src-shared/chain/pruning.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { parse, smallUint } from '../storage.ts';
import { readItems } from './items.ts';
import { accountOf } from './subnet.ts';

const NAMES = [
  'ImmunityPeriod',
  'MinNonImmuneUids',
  'ImmuneOwnerUidsLimit',
  'SubnetOwner',
  'SubnetOwnerHotkey',
] as const;

/**
 * By which rules this subnet prunes, for `pruneOrder`.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE where the runtime lacks one: an order by other rules would be a guess
 */
export async function readPruningRules(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<PruningRules> {
  const found = await readItems(session, NAMES, [netuid], at, signal);
  const absent = NAMES.find((name) => found[name] === undefined);
  if (absent) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `SubtensorModule.${absent}` });
  return {
    immunityPeriod: parse(smallUint, found.ImmunityPeriod),
    minNonImmuneUids: parse(smallUint, found.MinNonImmuneUids),
    immuneOwnerUids: parse(smallUint, found.ImmuneOwnerUidsLimit),
    ownerColdkey: accountOf(found.SubnetOwner),
    ownerHotkey: accountOf(found.SubnetOwnerHotkey),
  };
}
