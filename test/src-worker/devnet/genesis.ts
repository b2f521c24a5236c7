import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import type { DevnetOptions } from '../../../src-shared/contract/devnet.ts';

export const TAO = 1_000_000_000n;
export const TOKEN = 'a token for tests only';
export const NETUID = 38;

await cryptoWaitReady();
const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
/** Keys by name; the same name is the same key everywhere. */
export const key = (name: string): KeyringPair => keyring.addFromUri(`//${name}`);

export const owner = key('owner');
export const ownerHotkey = key('owner-hotkey');
export const alice = key('alice');
export const bob = key('bob');

export const options = (
  changes: Partial<DevnetOptions> = {},
  subnet: Partial<DevnetOptions['subnets'][number]> = {},
): DevnetOptions => ({
  dataDir: null,
  port: 0,
  seed: '38'.repeat(32),
  blockMs: null,
  genesisTimeMs: 1_800_000_000_000,
  controlToken: TOKEN,
  accounts: [
    { ss58: owner.address, freeRao: 10_000n * TAO },
    { ss58: alice.address, freeRao: 10_000n * TAO },
  ],
  subnets: [
    {
      netuid: NETUID,
      name: 'Distributed Training',
      ownerColdkey: owner.address,
      ownerHotkey: ownerHotkey.address,
      taoReserveRao: 1_000n * TAO,
      alphaReserveRao: 10_000n * TAO,
      ...subnet,
    },
  ],
  ...changes,
});
