import { cannotLookup } from './failure.ts';
import type { Value } from './pallet.ts';

/** The account that an address names: this chain knows accounts by their bytes alone. @throws {Failure} CannotLookup */
export function lookup(address: Value): string {
  if (address.type !== 'Id') throw cannotLookup();
  return address.value;
}
