import { describe, expect, test } from 'vitest';
import { drawn, owedTo } from '../../../src-worker/devnet/runtime/subtensor/root-claims.ts';
import { rootItems } from '../../../src-worker/devnet/runtime/subtensor/root-items.ts';
import { addStake, stakeOf } from '../../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, type Model, NETUID, openModel, TAO } from './model.ts';

const [validator, other] = [account(11), account(12)];
const [alice, bob, carol] = [account(21).hex, account(22).hex, account(23).hex];
const keeper = account(30);
const EPOCH = 11;

/** A subnet whose average price is two TAO, two validators with the same alpha, and TAO on root behind one of them. */
function open(): Model {
  const seat = ({ ss58 }: { ss58: string }) => ({
    hotkey: ss58,
    coldkey: keeper.ss58,
    stakeAlpha: 100n * TAO,
    validatorPermit: true,
  });
  const model = openModel({}, { movingPriceRao: 2n * TAO, neurons: [validator, other].map(seat) });
  for (const who of [alice, bob, carol]) model.fund(who, 10_000n);
  expect(model.send(account(0).hex, 'start_call', { netuid: NETUID })).toBeNull();
  stakeOnRoot(model, alice, 1_000n);
  stakeOnRoot(model, bob, 3_000n);
  // No lots: what is claimed is claimed by the test.
  model.chain.block(({ context }) => context.store.put(rootItems.NumRootClaim, 0n));
  return model;
}

const stakeOnRoot = (model: Model, who: string, tao: bigint) =>
  expect(
    model.send(who, 'add_stake', { hotkey: validator.hex, netuid: 0, amount_staked: tao * TAO }),
  ).toBeNull();

function passEpoch(model: Model): void {
  const steps = () => model.chain.store.get(subnets.LastMechansimStepBlock, NETUID);
  for (const before = steps(); steps() === before; ) model.pass(1);
}

const owed = ({ chain }: Model, who: string): bigint => owedTo(chain.store, validator.hex, who, NETUID);
const claim = (model: Model, who: string) => model.send(who, 'claim_root', { subnets: [NETUID] });

/** Alpha outside the pool is behind a hotkey, waits, or may be claimed; what is left over belongs to nobody. */
function unowned({ chain: { store } }: Model): bigint {
  const behind = [validator.hex, other.hex, account(1).hex].reduce(
    (sum, hotkey) => sum + store.get(subnets.TotalHotkeyAlpha, hotkey, NETUID),
    0n,
  );
  const waiting = [
    subnets.PendingOwnerCut,
    subnets.PendingServerEmission,
    subnets.PendingValidatorEmission,
    subnets.PendingRootAlphaDivs,
  ].reduce((sum, pot) => sum + store.get(pot, NETUID), 0n);
  const claimable = [alice, bob, carol].reduce(
    (sum, who) => sum + owedTo(store, validator.hex, who, NETUID) + owedTo(store, other.hex, who, NETUID),
    0n,
  );
  return store.get(subnets.SubnetAlphaOut, NETUID) - behind - waiting - claimable;
}

describe('dividends of TAO on root', () => {
  test('are shared by TAO, the hotkey’s owner having its take of them at once', () => {
    const model = open();
    passEpoch(model);
    const before = model.chain.store.get(subnets.TotalHotkeyAlpha, validator.hex, NETUID);
    const [aliceHad, bobHad] = [owed(model, alice), owed(model, bob)];
    passEpoch(model);
    const [mine, theirs] = [owed(model, alice) - aliceHad, owed(model, bob) - bobHad];
    // 4,000 TAO weigh 971718665099567868 / 2^64 each; 10,200 alpha and what has been emitted since stand beside them.
    const weighed = 4_000 * 0.052677031;
    const issued =
      Number(model.chain.store.get(subnets.SubnetAlphaIn, NETUID)) / 1e9 +
      Number(model.chain.store.get(subnets.SubnetAlphaOut, NETUID)) / 1e9;
    const whole = EPOCH * 0.41 * (weighed / (weighed + issued)) * (1 - 11_796 / 65_535);
    expect(Number(mine + theirs) / 1e9 / whole).toBeCloseTo(1, 2);
    expect(theirs - 3n * mine).toBeLessThanOrEqual(3n);
    expect(3n * mine - theirs).toBeLessThanOrEqual(3n);
    const paid = model.chain.store.get(rootItems.RootAlphaDividendsPerSubnet, NETUID, validator.hex);
    expect(paid - mine - theirs).toBeGreaterThanOrEqual(0n);
    // The rate has 32 bits of fraction: for 4,000 TAO it is exact to a thousand rao, and what it leaves waits.
    expect(paid - mine - theirs).toBeLessThan(1_000n);
    expect(model.chain.store.get(subnets.TotalHotkeyAlpha, validator.hex, NETUID)).toBeGreaterThan(before);
    expect(unowned(model)).toBeGreaterThanOrEqual(0n);
    expect(unowned(model)).toBeLessThan(4n);
  });

  test('are had as TAO on root: sold for what the pool gives without a fee, and only once', () => {
    const model = open();
    passEpoch(model);
    const { store } = model.chain;
    const [alpha, pool] = [owed(model, bob), store.get(subnets.SubnetAlphaIn, NETUID)];
    let [tao, staked] = [0n, 0n];
    model.chain.block(({ context }) => {
      // After the block's own emission, which moves the pool.
      tao = context.store.get(subnets.SubnetTAO, NETUID);
      staked = stakeOf(context.store, validator.hex, bob, 0);
      const x = context.store.get(subnets.SubnetAlphaIn, NETUID);
      context.dispatch(bob, {
        type: 'SubtensorModule',
        value: { type: 'claim_root', value: { subnets: [NETUID] } },
      });
      const sold = (tao * alpha) / (x + alpha);
      expect(stakeOf(context.store, validator.hex, bob, 0) - staked).toBe(sold);
      expect(tao - context.store.get(subnets.SubnetTAO, NETUID)).toBe(sold);
      expect(context.store.get(subnets.SubnetTAO, 0)).toBe(4_000n * TAO + sold);
      const pools = context.store.get(subnets.SubnetTAO, NETUID) + context.store.get(subnets.SubnetTAO, 0);
      expect(context.store.get(subnets.TotalStake)).toBe(pools);
    });
    expect(pool).toBeGreaterThan(0n);
    expect(owed(model, bob)).toBe(0n);
    const had = stakeOf(store, validator.hex, bob, 0);
    expect(claim(model, bob)).toBeNull();
    expect(stakeOf(store, validator.hex, bob, 0)).toBe(had);
    expect(unowned(model)).toBeGreaterThanOrEqual(0n);
  });

  test('are had as alpha by who wants to keep it, everywhere or on some subnets', () => {
    const model = open();
    const { store } = model.chain;
    const keep = (who: string, type: object) =>
      model.send(who, 'set_root_claim_type', { new_root_claim_type: type });
    expect(keep(alice, { type: 'Keep', value: undefined })).toBeNull();
    expect(keep(bob, { type: 'KeepSubnets', value: { subnets: [] } })).toBe('InvalidSubnetNumber');
    expect(keep(bob, { type: 'KeepSubnets', value: { subnets: [NETUID + 1] } })).toBeNull();
    passEpoch(model);
    const alpha = owed(model, alice);
    expect([claim(model, alice), claim(model, bob)]).toEqual([null, null]);
    const held = stakeOf(store, validator.hex, alice, NETUID);
    expect(alpha - held).toBeGreaterThanOrEqual(0n);
    expect(alpha - held).toBeLessThan(2n);
    expect(stakeOf(store, validator.hex, alice, 0)).toBe(1_000n * TAO);
    // Bob keeps another subnet's alpha, not this one's.
    expect(stakeOf(store, validator.hex, bob, NETUID)).toBe(0n);
    expect(stakeOf(store, validator.hex, bob, 0)).toBeGreaterThan(3_000n * TAO);
    expect(unowned(model)).toBeGreaterThanOrEqual(0n);
  });

  test('are not owed to TAO that came later; TAO that leaves early leaves its part to nobody', () => {
    const model = open();
    passEpoch(model);
    const before = owed(model, alice);
    stakeOnRoot(model, carol, 5_000n);
    expect(owed(model, carol)).toBe(0n);
    expect(owed(model, alice)).toBe(before);
    const left = unowned(model);
    expect(
      model.send(alice, 'remove_stake', { hotkey: validator.hex, netuid: 0, amount_unstaked: 400n * TAO }),
    ).toBeNull();
    const kept = (before * 6n) / 10n;
    expect(owed(model, alice) - kept).toBeGreaterThanOrEqual(-1n);
    expect(owed(model, alice) - kept).toBeLessThanOrEqual(1n);
    expect(unowned(model) - left).toBe(before - owed(model, alice));
  });

  test('less than the least claim is not paid, and a subnet’s owner says how much that is', () => {
    const model = open();
    passEpoch(model);
    const least = (who: string, new_value: bigint) =>
      model.send(who, 'sudo_set_root_claim_threshold', { netuid: NETUID, new_value });
    const alpha = owed(model, alice);
    expect(alpha).toBeGreaterThan(500_000n);
    expect(least(alice, 1n)).toBe('BadOrigin');
    expect(least(account(0).hex, 10_000_001n)).toBe('InvalidRootClaimThreshold');
    model.chain.block(({ context }) =>
      context.store.put(rootItems.RootClaimableThreshold, { bits: (alpha + 1n) << 32n }, NETUID),
    );
    expect(claim(model, alice)).toBeNull();
    expect(owed(model, alice)).toBe(alpha);
    expect(least(account(0).hex, 10_000_000n)).toBeNull();
    expect(claim(model, alice)).toBeNull();
    expect(owed(model, alice)).toBe(0n);
  });

  test('go to the hotkey’s owner where they are more than all TAO behind it', () => {
    const model = open();
    const { store } = model.chain;
    model.chain.block(({ context }) => addStake(context.store, other.hex, carol, 0, 1_000n));
    const had = stakeOf(store, other.hex, keeper.hex, NETUID);
    passEpoch(model);
    expect(store.get(rootItems.RootClaimable, other.hex)).toEqual([]);
    expect(stakeOf(store, other.hex, keeper.hex, NETUID)).toBeGreaterThan(had);
    expect(unowned(model)).toBeGreaterThanOrEqual(0n);
  });

  test('follow the hotkey that takes another’s place, and nobody is owed more for it', () => {
    const model = open();
    passEpoch(model);
    const [mine, theirs] = [owed(model, alice), owed(model, bob)];
    const fresh = account(40).hex;
    model.fund(keeper.hex, 10n);
    expect(
      model.send(keeper.hex, 'swap_hotkey', { hotkey: validator.hex, new_hotkey: fresh, netuid: null }),
    ).toBeNull();
    const { store } = model.chain;
    const after = [alice, bob].map((who) => owedTo(store, fresh, who, NETUID));
    expect(after).toEqual([mine, theirs]);
    expect(store.get(rootItems.RootClaimable, validator.hex)).toEqual([]);
  });

  test('are claimed for a few of all by lot, each eight bytes of a hash one step', () => {
    const hash = `0x${'0000000000000003'}${'0000000000000005'}${'0000000000000007'}${'ffffffffffffffff'}`;
    // 3 + 3 = 6; 6 + 5 = 11, so 1; 1 + 7 = 8; 8 + 2^64 - 1 stays at 2^64 - 1, so 5; and from the start again 5 + 3 = 8.
    expect(drawn(hash, 5, 10n)).toEqual([1n, 5n, 6n, 8n]);
    expect(drawn(hash, 0, 10n)).toEqual([]);
    const model = open();
    passEpoch(model);
    expect(owed(model, alice)).toBeGreaterThan(0n);
    model.chain.block(({ context }) => context.store.put(rootItems.NumRootClaim, 5n));
    // The model's blocks have a hash of zeros: the lot falls on the first of the list.
    model.pass(1);
    expect(owed(model, alice)).toBe(0n);
    expect(owed(model, bob)).toBeGreaterThan(0n);
  });
});
