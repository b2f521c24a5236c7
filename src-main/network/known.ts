import type { Money } from '../../src-shared/chain/calls.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { Signer } from './chain.ts';

/** A network of the real world. Its TAO is money, or (the test network's) is taken for it. */
export interface KnownNetwork {
  readonly name: string;
  /** Shown wherever progress or balances are; null where they are the real thing. */
  readonly mark: string | null;
}

/** By genesis hash: an endpoint may call itself anything. */
const known: Readonly<Record<string, KnownNetwork>> = {
  '2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03': { name: 'finney', mark: null },
  '8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105': { name: 'test', mark: 'TEST' },
};

/** The real network that this genesis names; null for any other chain. */
export const knownNetwork = (genesisHash: Hex): KnownNetwork | null =>
  Object.hasOwn(known, genesisHash) ? (known[genesisHash] ?? null) : null;

/** The genesis of the real network of that name; null for any other name, which may stand for any chain. */
export function knownGenesis(name: string): Hex | null {
  const [genesis] = Object.entries(known).find(([, network]) => network.name === name) ?? [];
  return genesis === undefined ? null : hex(genesis);
}

/** Whether a real network goes by this name. */
export const isKnownName = (name: string): boolean => knownGenesis(name) !== null;

/**
 * What comes out of a subnet stays the signer's own, and is never barred. Else real money is spent by a key alone that a
 * person unlocks.
 * @throws {AppError} SPENDING_NEEDS_WALLET
 */
export function mayMove(
  money: Money,
  genesisHash: Hex,
  { isUnderPassword }: Pick<Signer, 'isUnderPassword'>,
): void {
  if ((money === 'in' || money === 'away') && !isUnderPassword && !maySpendOn(genesisHash))
    throw new AppError('SPENDING_NEEDS_WALLET', { genesis: genesisHash });
}

/** Whether keys that lie in plain files spend there: real money is not spent with them. */
export const maySpendOn = (genesisHash: Hex): boolean => knownNetwork(genesisHash) === null;
