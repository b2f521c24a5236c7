import { metadata as metadataCodec } from '@polkadot-api/substrate-bindings';
import { describe, expect, test } from 'vitest';
import { DEVNET_SPECS } from '../../../src-shared/contract/devnet.ts';
import { RELEASES, release393, release425 } from '../../../src-worker/devnet/runtime/release.ts';
import { Runtime } from '../../../src-worker/devnet/runtime/runtime.ts';
import {
  errors425,
  fail425,
  renamedErrors,
} from '../../../src-worker/devnet/runtime/subtensor/errors-425.ts';
import { fail, subtensorErrors } from '../../../src-worker/devnet/runtime/subtensor/failures.ts';
import { alice, bob, call, key, NETUID, openRig, options, owner, query, runtimeApi, TAO } from './rig.ts';

const config = {
  blockMs: 1_000,
  netuids: [NETUID],
  rules: { refuseLoopbackAxons: false, beaconSecret: 38n },
};
const runtimes = RELEASES.map((release) => new Runtime(config, release));
const [before, after] = [new Runtime(config, release393), new Runtime(config, release425)];

// biome-ignore lint/suspicious/noExplicitAny: a metadata document
type Any = any;
function subtensorIn(runtime: Runtime) {
  const { lookup, pallets, apis }: Any = metadataCodec.dec(runtime.metadata(16)).metadata.value;
  const pallet = pallets.find(({ name }: Any) => name === 'SubtensorModule');
  const rows = (kind: Any): Map<string, number> =>
    new Map(lookup[kind.type].def.value.map(({ name, index }: Any) => [name, index]));
  return {
    calls: rows(pallet.calls),
    events: rows(pallet.events),
    errors: rows(pallet.errors),
    storage: new Set<string>(pallet.storage.items.map(({ name }: Any) => name)),
    subnetInfo: apis.find(({ name }: Any) => name === 'SubnetInfoRuntimeApi'),
  };
}

test('the releases are those that a chain may be asked for', () => {
  expect(RELEASES.map(({ specVersion }) => specVersion)).toEqual([...DEVNET_SPECS]);
});

describe('what the newer release names', () => {
  const [older, newer] = [subtensorIn(before), subtensorIn(after)];

  test('calls and events of 393 keep their places; errors move', () => {
    for (const kind of ['calls', 'events'] as const)
      for (const [name, index] of older[kind]) expect([name, newer[kind].get(name)]).toEqual([name, index]);
    expect(newer.calls.get('register_limit')).toBe(134);
    expect([older.errors.get('SlippageTooHigh'), newer.errors.get('SlippageTooHigh')]).toEqual([83, 84]);
    expect(newer.errors.get('RegistrationPriceLimitExceeded')).toBe(0x86);
  });

  test('errors and events are dense', () => {
    for (const { errors, events } of [older, newer])
      for (const rows of [errors, events])
        expect([...rows.values()]).toEqual(Array.from({ length: rows.size }, (_, index) => index));
    expect([older.errors.size, newer.errors.size]).toEqual([135, 147]);
  });

  test('items that are gone and items that have come', () => {
    const gone = ['Rank', 'Trust', 'PruningScores', 'ActivityCutoff'];
    const come = [
      ...['BurnHalfLife', 'BurnIncreaseMult', 'LastEpochBlock', 'PendingEpochAt', 'SubnetEpochIndex'],
      ...['ActivityCutoffFactorMilli', 'MaxEpochsPerBlock', 'Lock', 'DecayingLock'],
    ];
    expect([...older.storage.difference(newer.storage)].sort()).toEqual(gone.sort());
    expect([...newer.storage.difference(older.storage)].sort()).toEqual(come.sort());
  });

  test('its runtime API has another version and two methods more', () => {
    const methods = ({ methods }: Any): string[] => methods.map(({ name }: Any) => name);
    const added = methods(newer.subnetInfo).filter((name) => !methods(older.subnetInfo).includes(name));
    expect(added).toEqual(['get_subnet_hyperparams_v3', 'get_next_epoch_start_block']);
    expect([older.subnetInfo.version, newer.subnetInfo.version]).toEqual([1, 2]);
  });
});

describe('refusals', () => {
  test('of 393 have a name at the newer one too, but for those that its rules cannot come to', () => {
    const later: Readonly<Record<string, number>> = errors425;
    const lost = Object.keys(subtensorErrors).filter(
      (name) => later[renamedErrors[name] ?? name] === undefined,
    );
    expect(lost).toEqual(['StakingOperationRateLimitExceeded', 'PrecisionLoss']);
  });

  test('are found at every release, by the name that they have there', () => {
    const index = (runtime: Runtime, failure: Parameters<Runtime['dispatchError']>[0]): number =>
      runtime.dispatchError(failure).value.error[0];
    for (const runtime of runtimes) expect(index(runtime, fail('SubnetNotExists'))).toBeGreaterThan(0);
    expect(index(before, fail('ZeroMaxStakeAmount'))).toBe(95);
    expect(index(after, fail('ZeroMaxStakeAmount'))).toBe(84);
    expect(() => index(before, fail425('RegistrationPriceLimitExceeded'))).toThrow('393');
  });
});

describe('a chain that begins with the newer release', () => {
  test('tells its settings by name and its next epoch, and keeps that', async () => {
    const { api, seal } = await openRig(options({ specVersion: 425 }, { tempo: 10, activityCutoff: 5_000 }));
    expect(api.runtimeVersion.specVersion.toNumber()).toBe(425);
    const next = async () =>
      Number(await runtimeApi(api, 'subnetInfoRuntimeApi.getNextEpochStartBlock', NETUID));
    const at = await next();
    while ((await api.rpc.chain.getHeader()).number.toNumber() < at) await seal();
    expect((await query(api, 'subtensorModule.lastEpochBlock', NETUID)).toNumber()).toBe(at);
    expect((await query(api, 'subtensorModule.blocksSinceLastStep', NETUID)).toNumber()).toBe(0);
    expect(await next()).toBe(at + 10);

    const rows = (await runtimeApi(api, 'subnetInfoRuntimeApi.getSubnetHyperparamsV3', NETUID)).unwrap();
    const named = new Map<string, Any>(
      rows.map(({ name, value }: Any) => [name.toUtf8(), value.value.toPrimitive()]),
    );
    expect(Object.fromEntries(named)).toMatchObject({
      tempo: 10,
      // 5,000 blocks are 500 tempos of 10; the chain allows no more than 50.
      activity_cutoff_factor: 50_000,
      activity_cutoff: 500,
      burn_half_life: 360,
      max_burn: 100_000_000_000,
      yuma_version: 3,
      registration_allowed: true,
    });
    expect(named.size).toBe(32);
    expect(await runtimeApi(api, 'subnetInfoRuntimeApi.getSubnetHyperparamsV3', 999)).toMatchObject({
      isNone: true,
    });
  });

  test('puts off the epochs that are too many for a block', async () => {
    const { api, seal } = await openRig(
      options({
        specVersion: 425,
        subnets: [1, 2, 3].map((netuid) => ({
          ...options().subnets[0]!,
          // The clock begins with the same phase for all whose epochs came before the first block.
          ...{ netuid, tempo: 50 },
        })),
      }),
    );
    const last = (netuid: number) => query(api, 'subtensorModule.lastEpochBlock', netuid).then(Number);
    const events: string[] = [];
    for (let block = 2; block <= 60; block++) {
      await seal();
      for (const { event } of await query(api, 'system.events'))
        if (event.method === 'EpochDeferred') events.push(event.data.toString());
    }
    const [one = 0, two = 0, three = 0] = await Promise.all([1, 2, 3].map(last));
    expect(one).toBe(two);
    expect(three).toBe(one + 1);
    expect(events).toEqual([JSON.stringify([3, one, one + 1])]);
  });

  test('lets stake leave in the block that it came in', async () => {
    const hotkey = key('hot').address;
    const orders = (api: Awaited<ReturnType<typeof openRig>>['api']) => [
      call(api, 'subtensorModule.addStakeLimit', hotkey, NETUID, 10n * TAO, TAO, false),
      call(api, 'subtensorModule.removeStakeLimit', hotkey, NETUID, 20n * TAO, 0n, false),
    ];
    for (const [specVersion, refusal] of [
      [393, 'subtensorModule.StakingOperationRateLimitExceeded'],
      [425, null],
    ] as const) {
      const rig = await openRig(options({ specVersion }));
      const { api } = rig;
      await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner);
      await rig.outcome(call(api, 'subtensorModule.burnedRegister', NETUID, hotkey), alice);
      const both = call(api, 'utility.batchAll', orders(api));
      expect(await rig.outcome(both, alice)).toBe(refusal);
    }
  });

  test('refuses a call of the older one by its own index of the error', async () => {
    const rig = await openRig(options({ specVersion: 425 }));
    const missing = call(rig.api, 'subtensorModule.burnedRegister', 999, bob.address);
    expect(await rig.outcome(missing, alice)).toBe('subtensorModule.SubnetNotExists');
  });
});
