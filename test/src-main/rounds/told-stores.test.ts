import { describe, expect, it } from 'vitest';
import type { Commitment } from '../../../src-main/network/chain.ts';
import { TOLD_STORES_MAX } from '../../../src-main/rounds/limits.ts';
import { type HeardStore, readToldStores } from '../../../src-main/rounds/told-stores.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { encodeIdentityField } from '../../../src-shared/rounds/identity-field.ts';
import type { StoreAddress } from '../../../src-shared/stores/store-address.ts';
import { alphaRao, hex, type Ss58 } from '../../../src-shared/units.ts';
import { neuronOf } from '../../fakes/fake-state.ts';

const { signal } = new AbortController();
const tag = hex('ab'.repeat(8));
const peerKey = hex('01'.repeat(32));
const hub = (repository: string): StoreAddress => ({ kind: 'hub', repository });

interface Told {
  readonly stakeAlpha: bigint;
  readonly store: StoreAddress | null;
  readonly tag?: typeof tag;
}

const name = (uid: number) => `hotkey-${uid}` as Ss58;

/** What a newcomer reads of a subnet with these hotkeys, uid by uid, and hears over the swarm. */
function storesOf(
  told: readonly Told[],
  heard: () => Promise<readonly HeardStore[]> = async () => [],
  isChainSilent = false,
) {
  const slots = told.map((one, uid): [Ss58, Commitment] => [
    name(uid),
    { block: 1, fields: [encodeIdentityField({ tag, peerKey, ...one })] },
  ]);
  const chain = {
    metagraph: async () => {
      if (isChainSilent) throw new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://127.0.0.1:1' });
      return told.map(({ stakeAlpha }, uid) =>
        neuronOf({ uid, hotkey: name(uid), stakeAlpha: alphaRao(stakeAlpha) }, uid),
      );
    },
    commitments: async (hotkeys: readonly Ss58[]) =>
      new Map(slots.filter(([hotkey]) => hotkeys.includes(hotkey))),
  };
  return readToldStores({ chain, heard }, tag, signal);
}

describe('stores that members of a run tell on chain', () => {
  it('come by stake, each once, and of nobody who names none', async () => {
    const stores = await storesOf([
      { stakeAlpha: 0n, store: hub('a/states') },
      { stakeAlpha: 5n, store: hub('b/states') },
      { stakeAlpha: 9n, store: null },
      { stakeAlpha: 4n, store: hub('b/states') },
    ]);
    expect(stores).toEqual([hub('b/states'), hub('a/states')]);
  });

  it('are those of this run', async () => {
    const other = hex('cd'.repeat(8));
    expect(await storesOf([{ stakeAlpha: 1n, store: hub('a/states'), tag: other }])).toEqual([]);
  });

  it('are no more than are asked, whoever registers', async () => {
    const many = Array.from({ length: 3 * TOLD_STORES_MAX }, (_, uid) => ({
      ...{ stakeAlpha: BigInt(uid), store: hub(`m/${uid}`) },
    }));
    const stores = await storesOf(many);
    expect(stores).toHaveLength(TOLD_STORES_MAX);
    expect(stores[0]).toEqual(hub(`m/${many.length - 1}`));
  });
});

describe('stores that members of a run tell over the swarm', () => {
  const chain: readonly Told[] = [
    { stakeAlpha: 3n, store: hub('a/old') },
    { stakeAlpha: 2n, store: hub('b/old') },
    { stakeAlpha: 1n, store: null },
  ];
  const heard = async (): Promise<readonly HeardStore[]> => [
    { hotkey: name(2), store: 'hub:c/new' },
    { hotkey: name(1), store: null },
    { hotkey: name(0), store: 'hub:a/new' },
  ];

  it('go before what the same member has on chain, and a withdrawn one is asked no more', async () => {
    expect(await storesOf(chain, heard)).toEqual([hub('a/new'), hub('c/new')]);
  });

  it('are had where the chain does not answer', async () => {
    expect(await storesOf(chain, heard, true)).toEqual([hub('c/new'), hub('a/new')]);
  });

  it('fail with the chain where nobody named any', async () => {
    await expect(storesOf(chain, async () => [], true)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  });

  it('are not missed while the swarm starts again', async () => {
    const gone = () => Promise.reject(new AppError('CHILD_EXITED', { child: 'swarm' }));
    expect(await storesOf(chain, gone)).toEqual([hub('a/old'), hub('b/old')]);
  });

  it('of hotkeys without a place, and inside the own network, are none', async () => {
    const lies = async (): Promise<readonly HeardStore[]> => [
      { hotkey: name(7), store: 'hub:x/states' },
      { hotkey: name(0), store: 's3:192.168.1.1/states' },
    ];
    expect(await storesOf(chain, lies)).toEqual([hub('b/old')]);
  });
});
