import type { Executor } from '../../src-worker/devnet/chain/executor.ts';
import { blockEmission } from '../../src-worker/devnet/economy/emission.ts';
import { balancesStorage } from '../../src-worker/devnet/runtime/balances.ts';
import type { Value } from '../../src-worker/devnet/runtime/pallet.ts';
import type { Store } from '../../src-worker/devnet/runtime/store.ts';
import { childrenItems } from '../../src-worker/devnet/runtime/subtensor/children-items.ts';
import { flowItems } from '../../src-worker/devnet/runtime/subtensor/flows.ts';
import { owedTo } from '../../src-worker/devnet/runtime/subtensor/root-claims.ts';
import { rootItems } from '../../src-worker/devnet/runtime/subtensor/root-items.ts';
import { subnets } from '../../src-worker/devnet/runtime/subtensor/storage.ts';
import { systemStorage } from '../../src-worker/devnet/runtime/system.ts';
import { type Figure, figure } from '../report/figures.ts';
import { account, dispatch, modelChain, moduleCall, optionsOf, TAO } from './model-chain.ts';
import { ALL_HOTKEYS, NETUIDS, OWNERS, operations, PEOPLE, POOLED, ROOT } from './operations.ts';
import { type Seeded, seeded } from './seeded.ts';

const OPERATIONS = 100_000;
const PER_BLOCK = 20;
const MIN_OF_KIND = 200;

/** Rao of TAO and alpha that were lost or made, over all blocks of a long random life. */
export async function conservationRao(): Promise<Figure> {
  const chain = smallChain();
  const random = seeded(100_000);
  const done = new Map<string, number>();
  let wrong = 0n;
  let roundedInAll = 0n;
  let nobodys = sum(POOLED.map((netuid) => ownerless(chain.store, netuid)));
  for (let at = 0; at < OPERATIONS; at += PER_BLOCK) {
    const issued = chain.store.get(subnets.TotalIssuance);
    let given = 0n;
    chain.block((executor) => {
      // One of a block's rao may fall between two subnets. None is minted while no subnet has gained TAO.
      const { store } = executor.context;
      const minted = store.get(subnets.TotalIssuance) - issued;
      const due = POOLED.some((netuid) => hasGained(store, netuid)) ? blockEmission(issued) : 0n;
      wrong += beyond(due - minted, BigInt(POOLED.length));
      for (let i = 0; i < PER_BLOCK; i++) given += attempt(executor, random, done);
    });
    given += burnt(chain.store);
    const now = sum(POOLED.map((netuid) => ownerless(chain.store, netuid)));
    const rounded = now - nobodys - given;
    wrong += beyond(rounded, ROUNDING) + made(now);
    roundedInAll += rounded;
    nobodys = now;
    wrong += imbalance(chain.store);
  }
  // A rao may go from one holder to another for a while; nobody gains by rounding in the end.
  wrong += made(roundedInAll);
  const rare = [...done].filter(([, count]) => count < MIN_OF_KIND);
  if (rare.length > 0) throw new Error(`too few of ${rare.join(' ')} to prove anything`);
  const carriedOut = [...done.values()].reduce((sum, count) => sum + count, 0);
  const seen = `${carriedOut} of ${OPERATIONS} operations of ${done.size} kinds carried out, ${OPERATIONS / PER_BLOCK} blocks`;
  return figure('conservation-rao', Number(wrong), 'rao', { floor: 0, seen });
}

function smallChain() {
  const [subnet] = optionsOf(
    {},
    {
      maxUids: 6,
      minNonImmuneUids: 0,
      immunityPeriod: 3,
      weightsSetRateLimit: 1,
      // Root is paid while averages come to more than one TAO.
      movingPriceRao: 2n * TAO,
    },
  ).subnets;
  if (!subnet) throw new Error('a subnet stands in the options');
  const all = POOLED.map((netuid, i) => ({ ...subnet, netuid, ownerHotkey: OWNERS[i]?.ss58 ?? '' }));
  const chain = modelChain(optionsOf({ subnets: all }));
  chain.block((executor) => {
    // Some hundred blocks stand for months.
    for (const wait of [childrenItems.PendingChildKeyCooldown, childrenItems.TxChildkeyTakeRateLimit])
      executor.context.store.put(wait, 10n);
    for (const person of [...PEOPLE, account(0).hex])
      executor.fund({ account: person, amountRao: 50_000n * TAO });
    for (const netuid of POOLED) dispatch(executor, account(0).hex, moduleCall('start_call', { netuid }));
  });
  chain.block(() => {});
  return chain;
}

/** Rao that a block may round away: of every claim of every holder one, and of every operation one on each subnet. */
const ROUNDING = BigInt(POOLED.length * (ALL_HOTKEYS.length * (PEOPLE.length + 1) + PER_BLOCK));
const made = (left: bigint): bigint => (left < 0n ? -left : 0n);
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const size = (value: bigint): bigint => (value < 0n ? -value : value);
const beyond = (value: bigint, most: bigint): bigint => (size(value) > most ? size(value) - most : 0n);

/** All TAO is in accounts or pools, and what pools hold is staked; all that is staked on root is behind a hotkey. */
function imbalance(store: Store): bigint {
  const pools = sum(NETUIDS.map((netuid) => store.get(subnets.SubnetTAO, netuid)));
  const tao = store.get(subnets.TotalIssuance) - store.get(balancesStorage.TotalIssuance) - pools;
  const accounts = sum([...PEOPLE, account(0).hex].map((who) => ownedRao(store, who)));
  const free = store.get(balancesStorage.TotalIssuance) - accounts;
  const [onRoot, rootsAlpha] = [behind(store, ROOT), store.get(subnets.SubnetAlphaOut, ROOT)];
  const root = size(store.get(subnets.SubnetTAO, ROOT) - onRoot) + size(rootsAlpha - onRoot);
  return size(tao) + size(free) + size(store.get(subnets.TotalStake) - pools) + root;
}

const hasGained = (store: Store, netuid: number): boolean =>
  (store.get(flowItems.SubnetEmaTaoFlow, netuid)?.[1].bits ?? 0n) > 0n;

/** Free or held for deposits. */
function ownedRao(store: Store, who: string): bigint {
  const { free, reserved } = store.get(systemStorage.Account, who).data;
  return free + reserved;
}

const behind = (store: Store, netuid: number): bigint =>
  sum(ALL_HOTKEYS.map((key) => store.get(subnets.TotalHotkeyAlpha, key, netuid)));

/**
 * Alpha outside a pool is behind a hotkey, waits to be paid out, or can be claimed for TAO on root. What is left over
 * belongs to nobody: what was burnt, claims that were left behind on root, and what rounding takes from claims.
 */
function ownerless(store: Store, netuid: number): bigint {
  const pots = [
    subnets.PendingOwnerCut,
    subnets.PendingServerEmission,
    subnets.PendingValidatorEmission,
    subnets.PendingRootAlphaDivs,
  ];
  const waiting = sum(pots.map((pot) => store.get(pot, netuid)));
  const withRates = ALL_HOTKEYS.filter((key) => store.get(rootItems.RootClaimable, key).length > 0);
  const holders = [...PEOPLE, account(0).hex];
  const claimable = sum(withRates.flatMap((key) => holders.map((who) => owedTo(store, key, who, netuid))));
  return store.get(subnets.SubnetAlphaOut, netuid) - behind(store, netuid) - waiting - claimable;
}

/** Alpha that the last block burnt by its events: given up for good, or earned by an owner's miner, which has uid 0. */
function burnt(store: Store): bigint {
  const events: Value[] = store.get(systemStorage.Events);
  return sum(
    events.map(({ event: { value } }): bigint => {
      if (value.type === 'AlphaBurned') return value.value[2];
      return value.type === 'IncentiveAlphaEmittedToMiners' ? (value.value.emissions[0] ?? 0n) : 0n;
    }),
  );
}

/** @returns alpha that its sender gave up with it: claims of TAO that left root */
function attempt(executor: Executor, random: Seeded, done: Map<string, number>): bigint {
  const { store } = executor.context;
  const [origin, call] = random.pick(operations)(store, random);
  const name = call.value.type;
  const from: string | undefined = call.value.value.origin_hotkey ?? call.value.value.hotkey;
  const claims = () =>
    from === undefined || name === 'claim_root'
      ? 0n
      : sum(POOLED.map((netuid) => owedTo(store, from, origin, netuid)));
  const [before, claimsBefore] = [done.get(name) ?? 0, claims()];
  done.set(name, before + (dispatch(executor, origin, call) ? 1 : 0));
  return claimsBefore - claims();
}
