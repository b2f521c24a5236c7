import type { Contact, WalletSummary } from '../../src-shared/contract/page/money.ts';
import { lookAlikeOf } from '../../src-shared/look-alike.ts';
import type { Ss58 } from '../../src-shared/units.ts';

export interface KnownAddress {
  readonly address: Ss58;
  readonly name: string;
}

/** Addresses with names: the address book, and one's own wallets. */
export const knownAddresses = (
  contacts: readonly Contact[],
  wallets: readonly WalletSummary[],
): readonly KnownAddress[] => [
  ...contacts,
  ...wallets.flatMap(({ coldkey, name }) =>
    coldkey && !contacts.some(({ address }) => address === coldkey) ? [{ address: coldkey, name }] : [],
  ),
];

/** A known address that this one could be taken for. */
export const lookAlike = (address: Ss58, known: readonly KnownAddress[]): KnownAddress | null => {
  const twin = lookAlikeOf(
    address,
    known.map((one) => one.address),
  );
  return known.find((one) => one.address === twin) ?? null;
};
