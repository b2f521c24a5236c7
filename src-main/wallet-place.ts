import type { SettingValues } from '../src-shared/settings.ts';
import { walletsRoot } from './host-wallets.ts';
import { ownKeysDir } from './join/keys.ts';
import { knownGenesis, knownNetwork } from './network/known.ts';
import type { WalletPlace } from './wallet/set-up/wallet-desk.ts';

/**
 * Where wallets for a network lie: those of real ones where the tools of the field keep them, those of any other chain in
 * the data folder, because what is typed for it may have been typed in a browser.
 */
export function walletPlace(
  dataDir: string,
  settings: SettingValues,
  name: string,
  markOfRuns: string | null,
): WalletPlace {
  const genesis = knownGenesis(name);
  if (genesis === null)
    return {
      root: ownKeysDir(dataDir, name),
      network: { name, mark: markOfRuns, isReal: false },
    };
  return {
    root: walletsRoot(settings),
    network: { name, mark: knownNetwork(genesis)?.mark ?? null, isReal: true },
  };
}
