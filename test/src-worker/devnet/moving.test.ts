import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  call,
  eventNames,
  freeRao,
  key,
  NETUID,
  ownerHotkey,
  query,
  runtimeApi,
  TAO,
} from './rig.ts';
import { miner, OTHER, openTwoSubnets, type TwoSubnets } from './two-subnets.ts';

/** One chain for all; the tests run in order. */
let chain: TwoSubnets;
let rig: TwoSubnets['rig'];
let api: TwoSubnets['api'];
beforeAll(async () => {
  chain = await openTwoSubnets();
  ({ rig, api } = chain);
});
afterAll(() => chain.close());

const held: TwoSubnets['held'] = (...of) => chain.held(...of);
const buy: TwoSubnets['buy'] = (...what) => chain.buy(...what);
const expectBooksClosed = () => chain.expectBooksClosed();

describe('stake that moves', () => {
  test('what was staked in a block cannot leave in it, and can in the next', async () => {
    const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const add = call(api, 'subtensorModule.addStake', miner.address, NETUID, 10n * TAO);
    await add.signAndSend(alice, { nonce });
    const remove = call(api, 'subtensorModule.removeStake', miner.address, NETUID, TAO);
    await remove.signAndSend(alice, { nonce: nonce + 1 });
    await rig.seal();
    const events = (await query(api, 'system.events')) as { event: { method: string; data: unknown[] } }[];
    const [failed] = events.filter(({ event }) => event.method === 'ExtrinsicFailed');
    const error = (failed?.event.data[0] as { asModule: never } | undefined)?.asModule;
    expect(error && api.registry.findMetaError(error).name).toBe('StakingOperationRateLimitExceeded');
    expect(events.some(({ event }) => event.method === 'StakeAdded')).toBe(true);
    expect(
      await rig.outcome(call(api, 'subtensorModule.removeStake', miner.address, NETUID, TAO), alice),
    ).toBeNull();
  });

  test('within a subnet all of it arrives and no price moves', async () => {
    const before = await held(alice.address, miner.address, NETUID);
    const volume = (await query(api, 'subtensorModule.subnetVolume', NETUID)).toBigInt();
    const move = call(
      api,
      'subtensorModule.moveStake',
      miner.address,
      ownerHotkey.address,
      NETUID,
      NETUID,
      10n * TAO,
    );
    const result = await rig.send(move, alice);
    expect(eventNames(result)).toEqual(
      expect.arrayContaining([
        'subtensorModule.StakeRemoved',
        'subtensorModule.StakeAdded',
        'subtensorModule.StakeMoved',
      ]),
    );
    expect(await held(alice.address, miner.address, NETUID)).toBe(before - 10n * TAO);
    expect(await held(alice.address, ownerHotkey.address, NETUID)).toBe(10n * TAO);
    // The chain's own order of the block alone: 0.9 of its TAO at most.
    expect((await query(api, 'subtensorModule.subnetVolume', NETUID)).toBigInt() - volume).toBeLessThan(TAO);
  });

  test('to the same place is SameNetuid, to no subnet SubnetNotExists, too little AmountTooLow', async () => {
    const move = (to: string, netuid: number, alpha: bigint) =>
      call(api, 'subtensorModule.moveStake', miner.address, to, NETUID, netuid, alpha);
    expect(await rig.outcome(move(miner.address, NETUID, TAO), alice)).toBe('subtensorModule.SameNetuid');
    expect(await rig.outcome(move(miner.address, 77, TAO), alice)).toBe('subtensorModule.SubnetNotExists');
    expect(await rig.outcome(move(ownerHotkey.address, NETUID, 1_000n), alice)).toBe(
      'subtensorModule.AmountTooLow',
    );
    expect(await rig.outcome(move(key('nobody').address, NETUID, TAO), alice)).toBe(
      'subtensorModule.HotKeyAccountNotExists',
    );
    await expectBooksClosed();
  });

  test('across subnets one fee is paid, and stake arrives behind the same hotkey', async () => {
    const before = await held(alice.address, miner.address, NETUID);
    const balance = await freeRao(api, alice.address);
    const swap = call(api, 'subtensorModule.swapStake', miner.address, NETUID, OTHER, 10n * TAO);
    const result = await rig.send(swap, alice);
    const fees = result.events
      .filter(({ event }) => ['StakeAdded', 'StakeRemoved'].includes(event.method))
      .map(({ event }) => [event.method, (event.data[5] as unknown as { toBigInt(): bigint }).toBigInt()]);
    expect(fees).toEqual([
      ['StakeRemoved', (10n * TAO * 33n) / 65_535n],
      ['StakeAdded', 0n],
    ]);
    expect(await held(alice.address, miner.address, NETUID)).toBe(before - 10n * TAO);
    expect(await held(alice.address, miner.address, OTHER)).toBeGreaterThan(0n);
    expect(balance - (await freeRao(api, alice.address))).toBeLessThan(TAO / 1_000n); // the transaction's fee
    await expectBooksClosed();
  });

  test('a limit on a swap is the least that comes in for what goes out', async () => {
    /** Moves with every block: new TAO goes where orders have brought some. */
    const ratioNow = async (): Promise<bigint> => {
      const [here, there] = await Promise.all(
        [NETUID, OTHER].map(async (netuid) =>
          (await runtimeApi(api, 'swapRuntimeApi.currentAlphaPrice', netuid)).toBigInt(),
        ),
      );
      return (here * TAO) / there;
    };
    const ratio = await ratioNow();
    const order = (limit: bigint, partial: boolean) =>
      call(api, 'subtensorModule.swapStakeLimit', miner.address, NETUID, OTHER, 40n * TAO, limit, partial);
    expect(await rig.outcome(order(ratio * 2n, false), alice)).toBe('subtensorModule.SlippageTooHigh');
    expect(await rig.outcome(order(ratio * 2n, true), alice)).toBe('subtensorModule.ZeroMaxStakeAmount');
    const near = ((await ratioNow()) * 999n) / 1_000n;
    expect(await rig.outcome(order(near, false), alice)).toBe('subtensorModule.SlippageTooHigh');
    const limit = ((await ratioNow()) * 999n) / 1_000n;
    const [out, into] = [
      await held(alice.address, miner.address, NETUID),
      await held(alice.address, miner.address, OTHER),
    ];
    expect(await rig.outcome(order(limit, true), alice)).toBeNull();
    const gone = out - (await held(alice.address, miner.address, NETUID));
    const come = (await held(alice.address, miner.address, OTHER)) - into;
    expect(gone).toBeGreaterThan(0n);
    expect(gone).toBeLessThan(40n * TAO);
    // What of another reward came in between is nothing here: no epoch ran.
    expect(come * TAO).toBeGreaterThanOrEqual(limit * gone);
  });

  test('to another holder it goes behind the same hotkey', async () => {
    const transfer = call(
      api,
      'subtensorModule.transferStake',
      bob.address,
      miner.address,
      NETUID,
      NETUID,
      5n * TAO,
    );
    expect(eventNames(await rig.send(transfer, alice))).toContain('subtensorModule.StakeTransferred');
    expect(await held(bob.address, miner.address, NETUID)).toBe(5n * TAO);
    await expectBooksClosed();
  });

  test('all of one subnet goes out whole, at a limit or not at all', async () => {
    const full = (limit: bigint | null) =>
      call(api, 'subtensorModule.removeStakeFullLimit', ownerHotkey.address, NETUID, limit);
    const price = (await runtimeApi(api, 'swapRuntimeApi.currentAlphaPrice', NETUID)).toBigInt();
    expect(await rig.outcome(full(price * 2n), alice)).toBe('subtensorModule.ZeroMaxStakeAmount');
    expect(await rig.outcome(full((price * 9n) / 10n), alice)).toBeNull();
    expect(await held(alice.address, ownerHotkey.address, NETUID)).toBe(0n);
    expect(await rig.outcome(full(null), alice)).toBe('subtensorModule.AmountTooLow');
  });

  test('all of a hotkey goes out of every subnet', async () => {
    await buy(miner.address, OTHER, TAO);
    const all = call(api, 'subtensorModule.unstakeAll', miner.address);
    expect(await rig.outcome(all, alice)).toBeNull();
    for (const netuid of [NETUID, OTHER]) expect(await held(alice.address, miner.address, netuid)).toBe(0n);
    // As at 393: that nothing is there is no fault.
    expect(await rig.outcome(all, alice)).toBeNull();
    expect(await held(bob.address, miner.address, NETUID)).toBeGreaterThan(0n);
    await expectBooksClosed();
  });

  test('a quote of any size is an answer', async () => {
    const quote = await runtimeApi(api, 'swapRuntimeApi.simSwapTaoForAlpha', NETUID, 2n ** 64n - 1n);
    expect(quote.taoAmount.toBigInt() + quote.taoFee.toBigInt()).toBe(2n ** 64n - 1n);
    const root = await runtimeApi(api, 'swapRuntimeApi.simSwapTaoForAlpha', 0, TAO);
    expect([root.alphaAmount.toBigInt(), root.taoFee.toBigInt()]).toEqual([TAO, 0n]);
  });

  test('on root one alpha is one TAO, with no fee and no price to limit', async () => {
    const stake = (limit: bigint) =>
      call(api, 'subtensorModule.addStakeLimit', miner.address, 0, 7n * TAO, limit, false);
    expect(await rig.outcome(stake(TAO - 1n), alice)).toBe('subtensorModule.ZeroMaxStakeAmount');
    expect(await rig.outcome(stake(TAO), alice)).toBeNull();
    expect(await held(alice.address, miner.address, 0)).toBe(7n * TAO);
    await expectBooksClosed();
    const swap = call(api, 'subtensorModule.swapStake', miner.address, 0, NETUID, 7n * TAO);
    expect(await rig.outcome(swap, alice)).toBeNull();
    expect(await held(alice.address, miner.address, 0)).toBe(0n);
    await expectBooksClosed();
  });
});
