import type { SettingValues } from '../src-shared/settings.ts';
import type { Hex } from '../src-shared/units.ts';
import { walletsRoot } from './host-wallets.ts';
import { ownKeysDir } from './join/keys.ts';
import { knownGenesis, knownNetwork } from './network/known.ts';
import type { WalletPlace } from './wallet/set-up/wallet-desk.ts';

export interface NamedNetwork {
  readonly name: string;
  /** Of the chain that is open by that name; null: none is. */
  readonly genesis: Hex | null;
  /** Of the runs that work on it; null where there are none. */
  readonly mark: string | null;
}

/**
 * Where wallets for a network lie: those of real ones where the tools of the field keep them, those of any other chain in
 * the data folder, because what is typed for it may have been typed in a browser. A chain is real by its genesis, however
 * it is called here, and what goes by the name of a real one is taken for it.
 * @returns null for a name of which nobody knows the chain
 */
export function walletPlace(
  dataDir: string,
  settings: SettingValues,
  { name, genesis, mark }: NamedNetwork,
): WalletPlace | null {
  const named = knownGenesis(name);
  const real = (genesis && knownNetwork(genesis)) ?? (named && knownNetwork(named));
  if (real)
    return {
      root: walletsRoot(settings),
      network: { name: real.name, mark: real.mark, isReal: true },
    };
  return genesis && { root: ownKeysDir(dataDir, name), network: { name, mark, isReal: false } };
}
