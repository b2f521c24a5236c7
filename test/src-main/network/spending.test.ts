import { describe, expect, it, onTestFinished } from 'vitest';
import { moneyOf } from '../../../src-main/network/calls/calls.ts';
import type { Network } from '../../../src-main/network/client.ts';
import { follow } from '../../../src-main/network/follow.ts';
import { knownNetwork, maySpendOn } from '../../../src-main/network/known.ts';
import { openLink } from '../../../src-main/network/link.ts';
import { Nonces } from '../../../src-main/network/nonces.ts';
import { subnetChain } from '../../../src-main/network/subnet-chain.ts';
import { alphaRao, type Hex, hex, rao } from '../../../src-shared/units.ts';
import { everyCall } from './every-call.ts';
import { miner, minerHotkey, NETUID, startTestChain } from './rig.ts';

/** As the networks themselves tell it: `chain_getBlockHash` of block 0. */
const REAL: readonly (readonly [string, Hex])[] = [
  ['finney', hex('2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03')],
  ['test', hex('8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105')],
];

/** The practice chain behind a client that was told this genesis. */
async function chainOf(genesisHash: Hex) {
  const devnet = await startTestChain();
  const ending = new AbortController();
  const { signal } = ending;
  const link = await openLink([devnet.url], signal);
  const follower = follow(
    link,
    { head: () => undefined, finalized: () => undefined, silence: () => undefined },
    signal,
  );
  await follower.started;
  onTestFinished(async () => {
    ending.abort();
    follower.stop();
    await link.stop();
    await devnet.stop();
  });
  const network = { genesisHash, finalized: null, on: () => () => undefined } as unknown as Network;
  const log = () => undefined;
  const nonces = new Nonces();
  return subnetChain(
    { network, link, follower, netuid: NETUID, expected: null, nonces, log, life: signal },
    signal,
  );
}

describe.each(REAL)('on %s', (name, genesis) => {
  it('no wallet that a person unlocks means that nothing is spent', () => {
    expect(knownNetwork(genesis)?.name).toBe(name);
    expect(maySpendOn(genesis)).toBe(false);
  });

  it('nothing that puts money in or sends it away is signed', async () => {
    const chain = await chainOf(genesis);
    const calls = everyCall.map(([call]) => call).filter((call) => ['in', 'away'].includes(moneyOf(call)));
    expect(calls.length).toBeGreaterThan(5);
    const signer = { address: miner.address, sign: () => Promise.reject(new Error('it was asked to sign')) };
    for (const call of calls)
      await expect(chain.submit(call, signer, new AbortController().signal)).rejects.toMatchObject({
        code: 'SPENDING_NEEDS_WALLET',
        params: { genesis },
      });
  });

  it('a key under a password spends: a person unlocked it for that', async () => {
    const chain = await chainOf(genesis);
    const { address: to } = minerHotkey;
    const call = { kind: 'transfer', to, amountRao: rao(10n ** 9n) } as const;
    const sign = () => Promise.reject(new Error('it was asked to sign'));
    const { signal } = new AbortController();
    const held = { address: miner.address, sign, isUnderPassword: true };
    await expect(chain.submit(call, held, signal)).rejects.toThrow('asked to sign');
    const open = { address: miner.address, sign, isUnderPassword: false };
    await expect(chain.submit(call, open, signal)).rejects.toMatchObject({ code: 'SPENDING_NEEDS_WALLET' });
  });

  it('what is held can be taken out', async () => {
    const chain = await chainOf(genesis);
    const order = { hotkey: minerHotkey.address, limitPriceRao: rao(1n), allowPartial: false };
    const call = { kind: 'removeStakeLimit', ...order, amountAlpha: alphaRao(10n ** 9n) } as const;
    const signer = { address: miner.address, sign: () => Promise.reject(new Error('it was asked to sign')) };
    await expect(chain.submit(call, signer, new AbortController().signal)).rejects.toThrow('asked to sign');
  });
});

it('any other chain takes what is paid on it', () => {
  expect(maySpendOn(hex('ab'.repeat(32)))).toBe(true);
  // No name of an object's own is a network.
  expect(knownNetwork('constructor' as Hex)).toBeNull();
});
