import type { Executor } from '../../src-worker/devnet/chain/executor.ts';
import { blockEmission } from '../../src-worker/devnet/economy/emission.ts';
import { balancesStorage, freeRao } from '../../src-worker/devnet/runtime/balances.ts';
import { multisigAccount } from '../../src-worker/devnet/runtime/derived-accounts.ts';
import { multisigStorage } from '../../src-worker/devnet/runtime/multisig.ts';
import type { Call } from '../../src-worker/devnet/runtime/pallet.ts';
import type { Store } from '../../src-worker/devnet/runtime/store.ts';
import { stakeOf } from '../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../src-worker/devnet/runtime/subtensor/storage.ts';
import { systemStorage } from '../../src-worker/devnet/runtime/system.ts';
import { type Figure, figure } from '../report/figures.ts';
import { account, dispatch, modelChain, moduleCall, optionsOf, TAO } from './model-chain.ts';
import { type Seeded, seeded } from './seeded.ts';

const OPERATIONS = 100_000;
const PER_BLOCK = 20;
const MIN_OF_KIND = 200;
const POOLED = [38, 39];
const NETUIDS = [0, ...POOLED];
const PEOPLE = Array.from({ length: 6 }, (_, i) => account(10 + i).hex);
const HOTKEYS = Array.from({ length: 8 }, (_, i) => account(100 + i).hex);
const OWNERS = [account(1), account(2)];
const ALL_HOTKEYS = [...HOTKEYS, ...OWNERS.map(({ hex }) => hex)];

/** Rao of TAO and alpha that were lost or made, over all blocks of a long random life. */
export async function conservationRao(): Promise<Figure> {
  const chain = smallChain();
  const random = seeded(100_000);
  const done = new Map<string, number>();
  let wrong = 0n;
  for (let at = 0; at < OPERATIONS; at += PER_BLOCK) {
    const issued = chain.store.get(subnets.TotalIssuance);
    chain.block((executor) => {
      // One of a block's rao may fall between two subnets.
      const minted = executor.context.store.get(subnets.TotalIssuance) - issued;
      wrong += beyond(blockEmission(issued) - minted, BigInt(POOLED.length));
      for (let i = 0; i < PER_BLOCK; i++) attempt(executor, random, done);
    });
    wrong += imbalance(chain.store);
  }
  const rare = [...done].filter(([, count]) => count < MIN_OF_KIND);
  if (rare.length > 0) throw new Error(`too few of ${rare.join(' ')} to prove anything`);
  const carriedOut = [...done.values()].reduce((sum, count) => sum + count, 0);
  const seen = `${carriedOut} of ${OPERATIONS} operations of ${done.size} kinds carried out, ${OPERATIONS / PER_BLOCK} blocks`;
  return figure('conservation-rao', Number(wrong), 'rao', { floor: 0, seen });
}

function smallChain() {
  const [subnet] = optionsOf(
    {},
    { maxUids: 6, minNonImmuneUids: 0, immunityPeriod: 3, weightsSetRateLimit: 1 },
  ).subnets;
  if (!subnet) throw new Error('a subnet stands in the options');
  const all = POOLED.map((netuid, i) => ({ ...subnet, netuid, ownerHotkey: OWNERS[i]?.ss58 ?? '' }));
  const chain = modelChain(optionsOf({ subnets: all }));
  chain.block((executor) => {
    for (const person of PEOPLE) executor.fund({ account: person, amountRao: 50_000n * TAO });
    for (const netuid of POOLED) dispatch(executor, account(0).hex, moduleCall('start_call', { netuid }));
  });
  chain.block(() => {});
  return chain;
}

const size = (value: bigint): bigint => (value < 0n ? -value : value);
const beyond = (value: bigint, most: bigint): bigint => (size(value) > most ? size(value) - most : 0n);

/**
 * All TAO is in accounts or pools, and what pools hold is staked; all alpha outside a pool is behind a hotkey or waits
 * to be paid out.
 */
function imbalance(store: Store): bigint {
  const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
  const pools = sum(NETUIDS.map((netuid) => store.get(subnets.SubnetTAO, netuid)));
  const tao = store.get(subnets.TotalIssuance) - store.get(balancesStorage.TotalIssuance) - pools;
  const accounts = sum([...PEOPLE, account(0).hex].map((who) => ownedRao(store, who)));
  const free = store.get(balancesStorage.TotalIssuance) - accounts;
  const alpha = NETUIDS.map((netuid) => {
    const behind = sum(ALL_HOTKEYS.map((key) => store.get(subnets.TotalHotkeyAlpha, key, netuid)));
    const pots = [subnets.PendingOwnerCut, subnets.PendingServerEmission, subnets.PendingValidatorEmission];
    const waiting = sum([...pots, subnets.PendingRootAlphaDivs].map((pot) => store.get(pot, netuid)));
    return size(store.get(subnets.SubnetAlphaOut, netuid) - behind - waiting);
  });
  return size(tao) + size(free) + size(store.get(subnets.TotalStake) - pools) + sum(alpha);
}

/** Free or held for deposits. */
function ownedRao(store: Store, who: string): bigint {
  const { free, reserved } = store.get(systemStorage.Account, who).data;
  return free + reserved;
}

function attempt(executor: Executor, random: Seeded, done: Map<string, number>): void {
  const [origin, call] = random.pick(operations)(executor.context.store, random);
  const name = call.value.type;
  const before = done.get(name) ?? 0;
  done.set(name, before + (dispatch(executor, origin, call) ? 1 : 0));
}

type Operation = (store: Store, random: Seeded) => readonly [origin: string, call: Call];

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

const operations: readonly Operation[] = [...trades, ...deposits];

const place = (random: Seeded) => ({ hotkey: random.pick(HOTKEYS), netuid: random.pick(NETUIDS) });
