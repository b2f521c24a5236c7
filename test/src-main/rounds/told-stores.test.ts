import { describe, expect, it } from 'vitest';
import type { Commitment } from '../../../src-main/network/chain.ts';
import { TOLD_STORES_MAX } from '../../../src-main/rounds/limits.ts';
import { readToldStores } from '../../../src-main/rounds/told-stores.ts';
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

/** What a newcomer reads of a subnet with these hotkeys, uid by uid. */
function storesOf(told: readonly Told[]) {
  const name = (uid: number) => `hotkey-${uid}` as Ss58;
  const slots = told.map((one, uid): [Ss58, Commitment] => [
    name(uid),
    { block: 1, fields: [encodeIdentityField({ tag, peerKey, ...one })] },
  ]);
  const chain = {
    metagraph: async () =>
      told.map(({ stakeAlpha }, uid) =>
        neuronOf({ uid, hotkey: name(uid), stakeAlpha: alphaRao(stakeAlpha) }, uid),
      ),
    commitments: async (hotkeys: readonly Ss58[]) =>
      new Map(slots.filter(([hotkey]) => hotkeys.includes(hotkey))),
  };
  return readToldStores(chain, tag, signal);
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
