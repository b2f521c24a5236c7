import { freeRao } from '../../src-worker/devnet/runtime/balances.ts';
import { multisigAccount } from '../../src-worker/devnet/runtime/derived-accounts.ts';
import { multisigStorage } from '../../src-worker/devnet/runtime/multisig.ts';
import type { Call } from '../../src-worker/devnet/runtime/pallet.ts';
import type { Store } from '../../src-worker/devnet/runtime/store.ts';
import { WHOLE } from '../../src-worker/devnet/runtime/subtensor/inheritance.ts';
import { stakeOf } from '../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, moduleCall, TAO } from './model-chain.ts';
import type { Seeded } from './seeded.ts';

export const POOLED = [38, 39];
export const ROOT = 0;
export const NETUIDS = [ROOT, ...POOLED];
export const PEOPLE = Array.from({ length: 6 }, (_, i) => account(10 + i).hex);
export const HOTKEYS = Array.from({ length: 8 }, (_, i) => account(100 + i).hex);
export const OWNERS = [account(1), account(2)];
export const ALL_HOTKEYS = [...HOTKEYS, ...OWNERS.map(({ hex }) => hex)];

/** A call with random arguments, and who sends it. */
export type Operation = (store: Store, random: Seeded) => readonly [origin: string, call: Call];

/** So many of a thousand parts. */
const part = (whole: bigint, { below }: Seeded): bigint => (whole * BigInt(below(1_001))) / 1_000n;

const trades: readonly Operation[] = [
  (_store, random) => [
    random.pick(PEOPLE),
    moduleCall('burned_register', { netuid: random.pick(POOLED), hotkey: random.pick(HOTKEYS) }),
  ],
  (store, random) => {
    const who = random.pick(PEOPLE);
    const amount_staked = part(freeRao(store, who) / 20n, random);
    return [who, moduleCall('add_stake', { ...place(random), amount_staked })];
  },
  (store, random) => {
    const [who, where] = [random.pick(PEOPLE), place(random)];
    const amount_unstaked = part(stakeOf(store, where.hotkey, who, where.netuid), random);
    return [who, moduleCall('remove_stake', { ...where, amount_unstaked })];
  },
  (_store, random) => [
    random.pick(PEOPLE),
    moduleCall('remove_stake_full_limit', { ...place(random), limit_price: undefined }),
  ],
  (store, random) => {
    const [who, from, to] = [random.pick(PEOPLE), place(random), place(random)];
    const value = {
      origin_hotkey: from.hotkey,
      destination_hotkey: to.hotkey,
      origin_netuid: from.netuid,
      destination_netuid: to.netuid,
      alpha_amount: part(stakeOf(store, from.hotkey, who, from.netuid), random),
    };
    return [who, moduleCall('move_stake', value)];
  },
  (store, random) => {
    const [who, from] = [random.pick(PEOPLE), place(random)];
    const value = {
      destination_coldkey: random.pick(PEOPLE),
      hotkey: from.hotkey,
      origin_netuid: from.netuid,
      destination_netuid: random.pick(NETUIDS),
      alpha_amount: part(stakeOf(store, from.hotkey, who, from.netuid), random),
    };
    return [who, moduleCall('transfer_stake', value)];
  },
  (store, random) => {
    const [who, from] = [random.pick(PEOPLE), place(random)];
    const value = {
      hotkey: from.hotkey,
      origin_netuid: from.netuid,
      destination_netuid: random.pick(NETUIDS),
      alpha_amount: part(stakeOf(store, from.hotkey, who, from.netuid), random),
      limit_price: random.amount(1_000n, TAO),
      allow_partial: random.real() < 0.5,
    };
    return [who, moduleCall('swap_stake_limit', value)];
  },
  (_store, random) => [random.pick(PEOPLE), moduleCall('claim_root', { subnets: POOLED })],
  (_store, random) => {
    const type = random.pick([
      { type: 'Swap', value: undefined },
      { type: 'Keep', value: undefined },
      { type: 'KeepSubnets', value: { subnets: [random.pick(POOLED)] } },
    ]);
    return [random.pick(PEOPLE), moduleCall('set_root_claim_type', { new_root_claim_type: type })];
  },
  (store, random) => {
    const [hotkey, child] = [random.pick(HOTKEYS), random.pick(HOTKEYS)];
    const children = random.real() < 0.3 ? [] : [[random.amount(1n, WHOLE), child]];
    const value = { hotkey, netuid: random.pick(POOLED), children };
    return [store.get(subnets.Owner, hotkey), moduleCall('set_children', value)];
  },
  (store, random) => {
    const [hotkey, netuid] = [random.pick(HOTKEYS), random.pick(POOLED)];
    const value = { hotkey, netuid, take: random.below(11_797) };
    return [store.get(subnets.Owner, hotkey), moduleCall('set_childkey_take', value)];
  },
  (store, random) => {
    const [who, hotkey, netuid] = [random.pick(PEOPLE), random.pick(HOTKEYS), random.pick(POOLED)];
    const amount = part(stakeOf(store, hotkey, who, netuid), random);
    return [who, moduleCall(random.pick(['recycle_alpha', 'burn_alpha']), { hotkey, netuid, amount })];
  },
  (store, random) => {
    const amount = part(freeRao(store, account(0).hex) / 20n, random);
    const value = { hotkey: random.pick(HOTKEYS), netuid: random.pick(POOLED), amount, limit: undefined };
    return [account(0).hex, moduleCall('add_stake_burn', value)];
  },
  (_store, random) => [
    random.pick(PEOPLE),
    moduleCall('unstake_all_alpha', { hotkey: random.pick(HOTKEYS) }),
  ],
  (_store, random) => [random.pick(PEOPLE), moduleCall('unstake_all', { hotkey: random.pick(HOTKEYS) })],
  (_store, random) => [
    random.pick(PEOPLE),
    moduleCall('set_coldkey_auto_stake_hotkey', {
      netuid: random.pick(POOLED),
      hotkey: random.pick(ALL_HOTKEYS),
    }),
  ],
  (_store, random) => [
    random.pick(ALL_HOTKEYS),
    moduleCall('set_weights', {
      netuid: random.pick(POOLED),
      dests: [random.below(6)],
      weights: [1],
      version_key: 0n,
    }),
  ],
  (store, random) => {
    const who = random.pick(PEOPLE);
    const value = {
      dest: { type: 'Id', value: random.pick(PEOPLE) },
      value: part(freeRao(store, who), random),
    };
    return [who, { type: 'Balances', value: { type: 'transfer_allow_death', value } }];
  },
];

const proxyCall = (type: string, value: unknown): Call => ({ type: 'Proxy', value: { type, value } });
const address = (value: string) => ({ type: 'Id', value });
const TRANSFER_PROXY = { proxy_type: { type: 'Transfer', value: undefined }, delay: 0 };

const PAIR = [...PEOPLE.slice(0, 2)].sort();
const CALL_HASH = new Uint8Array(32);

const deposits: readonly Operation[] = [
  (_store, random) => {
    const value = { delegate: address(random.pick(PEOPLE)), ...TRANSFER_PROXY };
    return [random.pick(PEOPLE), proxyCall(random.real() < 0.6 ? 'add_proxy' : 'remove_proxy', value)];
  },
  (_store, random) => [random.pick(PEOPLE), proxyCall('create_pure', { ...TRANSFER_PROXY, index: 0 })],
  (store, random) => {
    const [who, real] = [random.pick(PEOPLE), random.pick(PEOPLE)];
    const value = { dest: address(random.pick(PEOPLE)), value: part(freeRao(store, real) / 20n, random) };
    const call: Call = { type: 'Balances', value: { type: 'transfer_allow_death', value } };
    return [who, proxyCall('proxy', { real: address(real), force_proxy_type: null, call })];
  },
  (_store, random) => {
    const value = { real: address(random.pick(PEOPLE)), call_hash: account(random.below(4)).hex };
    return [random.pick(PEOPLE), proxyCall(random.pick(['announce', 'remove_announcement']), value)];
  },
  (store, random) => {
    const [who, other] = random.real() < 0.5 ? PAIR : PAIR.toReversed();
    const opened = store.get(multisigStorage.Multisigs, multisigAccount(PAIR, 2), CALL_HASH);
    const shared = { threshold: 2, other_signatories: [other], call_hash: CALL_HASH };
    const max_weight = { ref_time: 0n, proof_size: 0n };
    const isOver = opened && random.real() < 0.5;
    const value = isOver
      ? { ...shared, timepoint: opened.when }
      : { ...shared, maybe_timepoint: opened?.when ?? null, max_weight };
    const type = isOver ? 'cancel_as_multi' : 'approve_as_multi';
    return [who ?? '', { type: 'Multisig', value: { type, value } }];
  },
];

/** All kinds, each as likely as any other. */
export const operations: readonly Operation[] = [...trades, ...deposits];

const place = (random: Seeded) => ({ hotkey: random.pick(HOTKEYS), netuid: random.pick(NETUIDS) });
