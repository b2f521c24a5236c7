import type { Context } from '../pallet.ts';
import { fail } from './failures.ts';

/** Subnets of one claim. */
const MAX_SUBNETS = 5;

/** Pays out what is claimable of root's dividends: nothing here, where they are recycled; then the real chain says so too. */
export function claimRoot(
  { emit }: Context,
  coldkey: string,
  { subnets }: { readonly subnets: readonly number[] },
): void {
  if (subnets.length === 0 || subnets.length > MAX_SUBNETS) throw fail('InvalidSubnetNumber');
  emit('SubtensorModule', 'RootClaimed', { coldkey });
}
