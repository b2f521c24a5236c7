import { describe, expect, test } from 'vitest';
import { metagraphCalls } from '../../../src-worker/devnet/runtime/apis/metagraph.ts';
import { release393 } from '../../../src-worker/devnet/runtime/release.ts';
import { described } from '../../../src-worker/devnet/runtime/subtensor/described.ts';
import { mechanismItems, splitByMechanism } from '../../../src-worker/devnet/runtime/subtensor/mechanisms.ts';
import { subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, type Model, NETUID, openModel, TAO } from './model.ts';

const owner = account(0).hex;
const [validator, left, right] = [account(11), account(12), account(13)];
const keeper = account(20);
const SECOND = NETUID + 4_096;

/** A validator and two miners; the owner may turn its settings in any block. */
function open(maxUids = 128): Model {
  const seat = ({ ss58 }: { ss58: string }, alpha: bigint) => ({
    hotkey: ss58,
    coldkey: keeper.ss58,
    stakeAlpha: alpha * TAO,
    validatorPermit: alpha > 0n,
  });
  const neurons = [seat(validator, 100n), seat(left, 0n), seat(right, 0n)];
  const model = openModel({}, { maxUids, neurons, weightsSetRateLimit: 50 });
  expect(model.send(owner, 'start_call', { netuid: NETUID })).toBeNull();
  model.chain.block(({ context }) => context.store.put(described.AdminFreezeWindow, 0));
  return model;
}

const count = (model: Model, mechanism_count: number, who = owner) =>
  model.admin(who, 'sudo_set_mechanism_count', { netuid: NETUID, mechanism_count });
const split = (model: Model, maybe_split: number[] | null) =>
  model.admin(owner, 'sudo_set_mechanism_emission_split', { netuid: NETUID, maybe_split });
const vote = (model: Model, mecid: number, uid: number) =>
  model.send(validator.hex, 'set_mechanism_weights', {
    ...{ netuid: NETUID, mecid, dests: [uid], weights: [65_535], version_key: 0n },
  });

function passEpoch(model: Model): void {
  const step = () => model.chain.store.get(subnets.LastMechansimStepBlock, NETUID);
  for (const before = step(); step() === before; ) model.pass(1);
}

describe('a subnet of two mechanisms', () => {
  test('pays the miners of each its part, and its validators by both', () => {
    const model = open();
    const { store } = model.chain;
    expect(vote(model, 1, 3)).toBe('MechanismDoesNotExist');
    expect(count(model, 2)).toBeNull();
    expect(split(model, [45_875, 19_660])).toBeNull();
    // Each keeps its own pace.
    expect([vote(model, 0, 2), vote(model, 1, 3)]).toEqual([null, null]);
    expect(vote(model, 1, 3)).toBe('SettingWeightsTooFast');
    expect(store.get(subnets.Weights, SECOND, 1)).toEqual([[3, 65_535]]);
    expect(store.get(subnets.LastUpdate, SECOND)[1]).toBe(
      (store.get(subnets.LastUpdate, NETUID)[1] ?? 0n) + 1n,
    );
    passEpoch(model);
    passEpoch(model);
    const alpha = (hotkey: string) => store.get(subnets.TotalHotkeyAlpha, hotkey, NETUID);
    const before = [validator, left, right].map(({ hex }) => alpha(hex));
    passEpoch(model);
    const gained = [validator, left, right].map(({ hex }, i) => Number(alpha(hex) - (before[i] ?? 0n)) / 1e9);
    // 11 blocks of 1 alpha, 41 % of them the miners' and 41 % the only voter's.
    expect(gained[0]).toBeCloseTo(11 * 0.41, 3);
    expect(gained[1]).toBeCloseTo((11 * 0.41 * 45_875) / 65_535, 3);
    expect(gained[2]).toBeCloseTo((11 * 0.41 * 19_660) / 65_535, 3);
    expect(store.get(subnets.Incentive, NETUID)).toEqual([0, 0, 65_535, 0]);
    expect(store.get(subnets.Incentive, SECOND)).toEqual([0, 0, 0, 65_535]);
    expect(store.get(subnets.Consensus, NETUID)).toEqual([0, 0, 45_875, 19_660]);
    const pots = [subnets.PendingOwnerCut, subnets.PendingServerEmission, subnets.PendingValidatorEmission];
    const waiting = pots.reduce((sum, pot) => sum + store.get(pot, NETUID), 0n);
    const held = [validator, left, right, account(1)].reduce((sum, { hex }) => sum + alpha(hex), 0n);
    expect(store.get(subnets.SubnetAlphaOut, NETUID)).toBe(held + waiting);
  });

  test('is told mechanism by mechanism', () => {
    const model = open();
    expect(count(model, 2)).toBeNull();
    expect([vote(model, 0, 2), vote(model, 1, 3)]).toEqual([null, null]);
    passEpoch(model);
    const state = {
      store: model.chain.store,
      block: 1,
      netuids: [0, NETUID],
      release: release393,
      encode: () => new Uint8Array(),
    };
    const of = (mecid: number) =>
      metagraphCalls.SubnetInfoRuntimeApi_get_mechagraph?.(state, { netuid: NETUID, mecid });
    expect([of(0).incentives, of(1).incentives]).toEqual([
      [0, 0, 65_535, 0],
      [0, 0, 0, 65_535],
    ]);
    expect(of(2)).toBeNull();
  });

  test('has no more uids than one of 256, and is its owner’s to turn once a day', () => {
    const model = open(256);
    const uids = (most: number) =>
      model.admin(owner, 'sudo_set_max_allowed_uids', { netuid: NETUID, max_allowed_uids: most });
    expect(count(model, 2, keeper.hex)).toBe('BadOrigin');
    expect([count(model, 0), count(model, 3)]).toEqual(['InvalidValue', 'InvalidValue']);
    expect(count(model, 2)).toBe('TooManyUIDsPerMechanism');
    expect(uids(128)).toBeNull();
    expect(count(model, 2)).toBeNull();
    expect(count(model, 1)).toBe('TxRateLimitExceeded');
    model.pass(30);
    expect(uids(129)).toBe('TooManyUIDsPerMechanism');
    expect([split(model, [1, 2]), split(model, []), split(model, [1, 1, 65_533])]).toEqual([
      'InvalidValue',
      'InvalidValue',
      'InvalidValue',
    ]);
    expect(split(model, null)).toBeNull();
  });

  test('leaves nothing of the second where there is one again, or none', () => {
    const model = open();
    const { store } = model.chain;
    expect(count(model, 2)).toBeNull();
    expect(vote(model, 1, 3)).toBeNull();
    passEpoch(model);
    const isLeft = () =>
      [subnets.LastUpdate, subnets.Incentive].some((vector) =>
        store.has<[number], unknown>(vector, SECOND),
      ) ||
      store.has(subnets.Weights, SECOND, 1) ||
      store.has(subnets.Bonds, SECOND, 1);
    expect(isLeft()).toBe(true);
    model.chain.block(({ context }) =>
      context.store.remove(described.TransactionKeyLastBlock, owner, NETUID, 7),
    );
    expect(count(model, 1)).toBeNull();
    expect(isLeft()).toBe(false);
    model.chain.block(({ context }) =>
      context.store.remove(described.TransactionKeyLastBlock, owner, NETUID, 7),
    );
    expect(count(model, 2)).toBeNull();
    expect(vote(model, 1, 3)).toBeNull();
    model.chain.block((executor) => executor.dissolve(NETUID));
    expect(isLeft()).toBe(false);
    expect(store.has(mechanismItems.MechanismCountCurrent, NETUID)).toBe(false);
  });

  test('gives what does not divide to the first', () => {
    const model = open();
    expect(count(model, 2)).toBeNull();
    expect(splitByMechanism(model.chain.store, NETUID, 7n)).toEqual([4n, 3n]);
    expect(split(model, [65_534, 1])).toBeNull();
    expect(splitByMechanism(model.chain.store, NETUID, 65_536n)).toEqual([65_535n, 1n]);
  });
});

test('what an owner’s own miner earns is burnt, or recycled where the owner says so', () => {
  const model = open();
  const { store } = model.chain;
  const wish = (type: 'Burn' | 'Recycle') =>
    model.admin(owner, 'sudo_set_recycle_or_burn', {
      netuid: NETUID,
      recycle_or_burn: { type, value: undefined },
    });
  expect(vote(model, 0, 0)).toBeNull();
  passEpoch(model);
  const out = () => store.get(subnets.SubnetAlphaOut, NETUID);
  const grown = (): number => {
    const before = out();
    passEpoch(model);
    return Number(out() - before) / 1e9;
  };
  expect(grown()).toBeCloseTo(11, 6);
  expect(wish('Recycle')).toBeNull();
  passEpoch(model);
  // 41 % of what comes out goes back.
  expect(grown()).toBeCloseTo(11 * 0.59, 3);
  expect(store.get(subnets.TotalHotkeyAlpha, account(1).hex, NETUID)).toBeGreaterThan(0n);
});
