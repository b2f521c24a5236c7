import { debit, spendableRao } from '../balances.ts';
import type { Context, Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { renameKin } from './children.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { carryDebts, debtsOf } from './root-claims.ts';
import { addStake, associate, hotkeyExists, rewardHotkey, stakeOf } from './stake.ts';
import { NO_ACCOUNT, ROOT_NETUID, subnets } from './storage.ts';

/** `KeySwapCost` and `KeySwapOnSubnetCost`, rao; gone, and may be issued again. */
const COST_RAO = 100_000_000n;
const COST_ON_SUBNET_RAO = 1_000_000n;
/** `HotkeySwapOnSubnetInterval`: a coldkey's swaps on one subnet lie so many blocks apart. */
const INTERVAL_BLOCKS = 7_200n;

interface SwapArgs {
  readonly hotkey: string;
  readonly new_hotkey: string;
  /** None: everywhere, and the old hotkey ends. */
  readonly netuid?: number | null;
}

interface Swap {
  readonly coldkey: string;
  readonly from: string;
  readonly to: string;
}

/** Another hotkey in the place of one: its uid and all that stands behind it, whoever put it there. */
export function swapHotkey(context: Context, coldkey: string, args: SwapArgs): void {
  const { store } = context;
  const { hotkey: from, new_hotkey: to, netuid = null } = args;
  if (store.get(subnets.Owner, from) !== coldkey) throw fail('NonAssociatedColdKey');
  if (from === to) throw fail('NewHotKeyIsSameWithOld');
  const netuids = netuid === null ? context.netuids() : [netuid];
  const places = netuid === null ? [ROOT_NETUID, ...netuids] : netuids;
  if (places.some((each) => store.has(subnets.Uids, each, to))) throw fail('HotKeyAlreadyRegisteredInSubNet');
  if (hotkeyExists(store, to) && store.get(subnets.Owner, to) !== coldkey) throw fail('NonAssociatedColdKey');
  const swap = { coldkey, from, to };
  if (netuid === null) swapEverywhere(context, swap, netuids);
  else swapOnOne(context, swap, netuid);
}

function swapOnOne(context: Context, swap: Swap, netuid: number): void {
  const { store, block, emit } = context;
  const { coldkey, from, to } = swap;
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  const last = store.get(subnets.LastHotkeySwapOnNetuid, netuid, coldkey);
  if (last > 0n && BigInt(block) - last <= INTERVAL_BLOCKS) throw fail('HotKeySwapOnSubnetIntervalNotPassed');
  pay(context, coldkey, COST_ON_SUBNET_RAO);
  associate(store, to, coldkey);
  take(store, swap, netuid);
  store.put(subnets.LastHotkeySwapOnNetuid, BigInt(block), netuid, coldkey);
  emit('SubtensorModule', 'HotkeySwappedOnSubnet', { coldkey, old_hotkey: from, new_hotkey: to, netuid });
}

function swapEverywhere(context: Context, swap: Swap, netuids: readonly number[]): void {
  const { store, block, emit } = context;
  const { coldkey, from, to } = swap;
  const lastKey = { type: 'LastTxBlock', value: coldkey };
  const last = store.get(subnets.LastRateLimitedBlock, lastKey);
  if (last > 0n && BigInt(block) - last <= store.get(described.TxRateLimit))
    throw fail('HotKeySetTxRateLimitExceeded');
  pay(context, coldkey, COST_RAO);
  associate(store, to, coldkey);
  for (const netuid of [ROOT_NETUID, ...netuids]) take(store, swap, netuid);
  store.put(subnets.Delegates, store.get(subnets.Delegates, from), to);
  store.remove(subnets.Delegates, from);
  store.put(subnets.Owner, NO_ACCOUNT, from);
  store.change(subnets.OwnedHotkeys, (owned) => owned.filter((each) => each !== from), coldkey);
  store.put(subnets.LastRateLimitedBlock, BigInt(block), lastKey);
  emit('SubtensorModule', 'HotkeySwapped', { coldkey, old_hotkey: from, new_hotkey: to });
}

function pay(context: Context, coldkey: string, costRao: bigint): void {
  if (spendableRao(context.store, coldkey) < costRao) throw fail('NotEnoughBalanceToPaySwapHotKey');
  debit(context, coldkey, costRao, true);
  context.store.change(subnets.TotalIssuance, (issued) => issued - costRao);
}

function take(store: Store, swap: Swap, netuid: number): void {
  const { from, to } = swap;
  const uid = store.get(subnets.Uids, netuid, from);
  if (uid !== null) {
    store.remove(subnets.Uids, netuid, from);
    store.remove(subnets.IsNetworkMember, from, netuid);
    store.put(subnets.Uids, uid, netuid, to);
    store.put(subnets.Keys, to, netuid, uid);
    store.put(subnets.IsNetworkMember, true, to, netuid);
  }
  for (const told of [subnets.Axons, described.NeuronCertificates, described.Prometheus]) {
    const before = store.get<[number, string], Value>(told, netuid, from);
    if (before) store.put(told, before, netuid, to);
    store.remove(told, netuid, from);
  }
  if (store.get(subnets.SubnetOwnerHotkey, netuid) === from) store.put(subnets.SubnetOwnerHotkey, to, netuid);
  moveDividends(store, swap, netuid);
  moveAutoStake(store, swap, netuid);
  renameKin(store, from, to, netuid);
  const debts = netuid === ROOT_NETUID ? debtsOf(store, from, to) : [];
  moveStake(store, swap, netuid);
  if (netuid === ROOT_NETUID) carryDebts(store, from, to, debts);
}

function moveDividends(store: Store, { from, to }: Swap, netuid: number): void {
  const dividends = store.get(subnets.AlphaDividendsPerSubnet, netuid, from);
  store.remove(subnets.AlphaDividendsPerSubnet, netuid, from);
  if (dividends > 0n) store.change(subnets.AlphaDividendsPerSubnet, (alpha) => alpha + dividends, netuid, to);
}

/** Who had their pay staked behind the old hotkey has it staked behind the new one. */
function moveAutoStake(store: Store, { from, to }: Swap, netuid: number): void {
  const followers = store.get(subnets.AutoStakeDestinationColdkeys, from, netuid);
  if (followers.length === 0) return;
  for (const coldkey of followers) store.put(subnets.AutoStakeDestination, to, coldkey, netuid);
  store.change(subnets.AutoStakeDestinationColdkeys, (all) => [...all, ...followers], to, netuid);
  store.remove(subnets.AutoStakeDestinationColdkeys, from, netuid);
}

/** Each holder's own; what rounding leaves raises all of them. */
function moveStake(store: Store, { from, to }: Swap, netuid: number): void {
  let left = store.get(subnets.TotalHotkeyAlpha, from, netuid);
  if (left === 0n) return;
  const holders = store.keys(subnets.Alpha, from).filter(([, , where]) => where === netuid);
  const held = holders.map(([, coldkey]) => [coldkey, stakeOf(store, from, coldkey, netuid)] as const);
  for (const [coldkey, alpha] of held) {
    store.remove(subnets.Alpha, from, coldkey, netuid);
    addStake(store, to, coldkey, netuid, alpha);
    left -= alpha;
  }
  store.remove(subnets.TotalHotkeyAlpha, from, netuid);
  store.remove(subnets.TotalHotkeyShares, from, netuid);
  if (left > 0n) rewardHotkey(store, to, netuid, left);
}
