import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { startDevnet } from '../../src-worker/devnet/start.ts';

/** Lists of subnets are read by place by some clients: the first one has no gap before it. */
export const NETUID = 1;
export const TAO = 1_000_000_000n;
export const ALICE_TAO = 10_000n;
export const ALICE_ALPHA = 1_000n;
export const CONTROL_TOKEN = 'token of this bench';
const BLOCK_MS = 500;

export interface GuestChain {
  readonly url: string;
  /** The key of a name: `Alice` has TAO, `alice-hot` a validator's place and stake, `Bob` little. */
  key(name: string): KeyringPair;
  close(): Promise<void>;
}

/** A practice chain with one subnet, as clients from elsewhere find it. */
export async function openGuestChain(): Promise<GuestChain> {
  await cryptoWaitReady();
  const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
  const key = (name: string) => keyring.addFromUri(`//${name}`);
  const address = (name: string) => key(name).address;
  const life = new AbortController();
  const devnet = await startDevnet(
    {
      dataDir: null,
      port: 0,
      seed: '38'.repeat(32),
      blockMs: BLOCK_MS,
      genesisTimeMs: Date.now(),
      controlToken: CONTROL_TOKEN,
      accounts: [
        { ss58: address('Owner'), freeRao: 1_000n * TAO },
        { ss58: address('Alice'), freeRao: ALICE_TAO * TAO },
        { ss58: address('Bob'), freeRao: 100n * TAO },
      ],
      subnets: [
        {
          netuid: NETUID,
          name: 'Guests',
          ownerColdkey: address('Owner'),
          ownerHotkey: address('owner-hot'),
          taoReserveRao: 1_000n * TAO,
          alphaReserveRao: 10_000n * TAO,
          neurons: [
            {
              hotkey: address('alice-hot'),
              coldkey: address('Alice'),
              stakeAlpha: ALICE_ALPHA * TAO,
              validatorPermit: true,
            },
          ],
        },
      ],
    },
    life.signal,
  );
  return {
    url: devnet.url,
    key,
    close: async () => {
      life.abort();
      await devnet.stop();
    },
  };
}

/** Opens the market, as an owner does once. */
export async function startSubnet({ url, key }: GuestChain): Promise<void> {
  const api = await ApiPromise.create({ provider: new WsProvider(url) as never, noInitWarn: true });
  try {
    const done = Promise.withResolvers<void>();
    await api.tx.subtensorModule!.startCall!(NETUID).signAndSend(key('Owner'), ({ status }) => {
      if (status.isInBlock) done.resolve();
    });
    await done.promise;
  } finally {
    await api.disconnect();
  }
}
