import { PRICE_SCALE } from '../../economy/pool.ts';
import { Failure } from '../failure.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { childrenItems, type Kin } from './children-items.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { WHOLE } from './inheritance.ts';
import { spotPrice } from './reserves.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

const MAX_CHILDREN = 5;
/** Blocks from one wish for children to the next. */
const CHILDREN_EVERY = 150n;
/** What calls are named by in `TransactionKeyLastBlock`. */
const SET_CHILDREN = 0;
const SET_CHILDKEY_TAKE = 1;

interface ChildrenArgs {
  readonly hotkey: string;
  readonly netuid: number;
  readonly children: Kin;
}

/** A hotkey's owner lends parts of its stake to others; they hold from an epoch after the cooldown on. */
export function scheduleChildren(context: Context, coldkey: string, args: ChildrenArgs): void {
  const { store, block, emit } = context;
  const { hotkey, netuid, children } = args;
  if (!isTime(context, hotkey, netuid, SET_CHILDREN, CHILDREN_EVERY)) throw fail('TxRateLimitExceeded');
  if (netuid === ROOT_NETUID) throw fail('RegistrationNotPermittedOnRootSubnet');
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (store.get(subnets.Owner, hotkey) !== coldkey) throw fail('NonAssociatedColdKey');
  checkChildren(store, hotkey, netuid, children);
  if (children.length > 0 && !maySetChildren(context, hotkey, netuid))
    throw fail('NotEnoughStakeToSetChildkeys');
  store.put(described.TransactionKeyLastBlock, BigInt(block), hotkey, netuid, SET_CHILDREN);
  const after = BigInt(block) + store.get(childrenItems.PendingChildKeyCooldown);
  store.put(childrenItems.PendingChildKeys, [children, after], netuid, hotkey);
  emit('SubtensorModule', 'SetChildrenScheduled', [hotkey, netuid, after, children]);
}

function checkChildren(store: Store, hotkey: string, netuid: number, children: Kin): void {
  const keys = new Set(children.map(([, child]) => child));
  if (keys.size < children.length) throw fail('DuplicateChild');
  if (keys.has(hotkey)) throw fail('InvalidChild');
  if (keys.size > MAX_CHILDREN) throw fail('TooManyChildren');
  if (children.reduce((sum, [part]) => sum + part, 0n) > WHOLE) throw fail('ProportionOverflow');
  if (hasParentIn(store, hotkey, netuid, keys)) throw fail('ChildParentInconsistency');
}

/** A wish may fit no more when its time has come: a hotkey of it has taken another's place meanwhile. */
function fits(store: Store, hotkey: string, netuid: number, children: Kin): boolean {
  try {
    checkChildren(store, hotkey, netuid, children);
    return true;
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

/** Nobody is parent and child of the same hotkey. */
const hasParentIn = (store: Store, hotkey: string, netuid: number, keys: ReadonlySet<string>): boolean =>
  store.get(childrenItems.ParentKeys, hotkey, netuid).some(([, parent]) => keys.has(parent));

function maySetChildren(context: Context, hotkey: string, netuid: number): boolean {
  return context.store.get(subnets.SubnetOwnerHotkey, netuid) === hotkey || hasThreshold(context, hotkey);
}

/** Whether all that stands behind a hotkey anywhere is worth the least stake, at the pools' prices. */
function hasThreshold({ store, netuids }: Context, hotkey: string): boolean {
  const least = store.get(subnets.StakeThreshold);
  if (least === 0n) return true;
  const worth = (netuid: number) =>
    (store.get(subnets.TotalHotkeyAlpha, hotkey, netuid) * spotPrice(store, netuid)) / PRICE_SCALE;
  return [ROOT_NETUID, ...netuids()].reduce((sum, netuid) => sum + worth(netuid), 0n) >= least;
}

/** Whoever takes out so much that the rest is too little to have children loses those that are not there yet. */
export function forgetPendingChildren(context: Context, hotkey: string): void {
  if (hasThreshold(context, hotkey)) return;
  for (const netuid of context.netuids())
    context.store.remove(childrenItems.PendingChildKeys, netuid, hotkey);
}

function isTime({ store, block }: Context, hotkey: string, netuid: number, call: number, every: bigint) {
  const last = store.get(described.TransactionKeyLastBlock, hotkey, netuid, call);
  return last === 0n || BigInt(block) - last >= every;
}

/** At a subnet's epoch: what has waited for longer than its cooldown. What fits no more is dropped without a word. */
export function applyPendingChildren({ store, block, emit }: Context, netuid: number): void {
  for (const [, hotkey] of store.keys(childrenItems.PendingChildKeys, netuid)) {
    const [children, after] = store.get(childrenItems.PendingChildKeys, netuid, hotkey);
    if (after >= BigInt(block)) continue;
    store.remove(childrenItems.PendingChildKeys, netuid, hotkey);
    if (!fits(store, hotkey, netuid, children)) continue;
    setChildren(store, hotkey, netuid, children);
    emit('SubtensorModule', 'SetChildren', [hotkey, netuid, children]);
  }
}

/** Children in the order of their keys, as the chain keeps them; each learns of its parent, or that it has it no more. */
function setChildren(store: Store, parent: string, netuid: number, children: Kin): void {
  const before = store.get(childrenItems.ChildKeys, parent, netuid);
  const sorted = children.toSorted(([, a], [, b]) => (a < b ? -1 : 1));
  putKin(store, 'ChildKeys', parent, netuid, sorted);
  for (const [, child] of before)
    if (!sorted.some(([, each]) => each === child)) setEdge(store, 'ParentKeys', child, netuid, parent, null);
  for (const [part, child] of sorted) setEdge(store, 'ParentKeys', child, netuid, parent, part);
}

type Side = 'ChildKeys' | 'ParentKeys';

/** One entry of one list; null takes it out. */
function setEdge(
  store: Store,
  side: Side,
  of: string,
  netuid: number,
  other: string,
  part: bigint | null,
): void {
  const kin = store.get(childrenItems[side], of, netuid);
  const entry = part === null ? [] : [[part, other] as const];
  const at = kin.findIndex(([, each]) => each === other);
  const next = at < 0 ? [...kin, ...entry] : [...kin.slice(0, at), ...entry, ...kin.slice(at + 1)];
  putKin(store, side, of, netuid, next);
}

/** No empty list is kept. */
function putKin(store: Store, side: Side, of: string, netuid: number, kin: Kin): void {
  if (kin.length === 0) store.remove(childrenItems[side], of, netuid);
  else store.put(childrenItems[side], kin, of, netuid);
}

interface ChildkeyTakeArgs {
  readonly hotkey: string;
  readonly netuid: number;
  /** Of 65535. */
  readonly take: number;
}

/** What a hotkey keeps of the dividends that parents with other owners earn through it; more only every 30 days. */
export function setChildkeyTake(context: Context, coldkey: string, args: ChildkeyTakeArgs): void {
  const { store, block, emit } = context;
  const { hotkey, netuid, take } = args;
  if (store.get(subnets.Owner, hotkey) !== coldkey) throw fail('NonAssociatedColdKey');
  if (take > store.get(childrenItems.MaxChildkeyTake)) throw fail('InvalidChildkeyTake');
  const isMore = take > store.get(childrenItems.ChildkeyTake, hotkey, netuid);
  const every = store.get(childrenItems.TxChildkeyTakeRateLimit);
  if (isMore && !isTime(context, hotkey, netuid, SET_CHILDKEY_TAKE, every))
    throw fail('TxChildkeyTakeRateLimitExceeded');
  store.put(described.TransactionKeyLastBlock, BigInt(block), hotkey, netuid, SET_CHILDKEY_TAKE);
  store.put(childrenItems.ChildkeyTake, take, hotkey, netuid);
  emit('SubtensorModule', 'ChildKeyTakeSet', [hotkey, take]);
}

/** Another hotkey in the place of one, as parent, as child and where it is only asked for. @throws {Failure} InvalidChild */
export function renameKin(store: Store, from: string, to: string, netuid: number): void {
  renameIn(store, 'ChildKeys', 'ParentKeys', from, to, netuid);
  renameIn(store, 'ParentKeys', 'ChildKeys', from, to, netuid);
  for (const [, hotkey] of store.keys(childrenItems.PendingChildKeys, netuid)) {
    const [children, after] = store.get(childrenItems.PendingChildKeys, netuid, hotkey);
    const isOwn = hotkey === from;
    if (!isOwn && !children.some(([, child]) => child === from)) continue;
    const renamed = children.map(([part, child]) => [part, child === from ? to : child] as const);
    store.remove(childrenItems.PendingChildKeys, netuid, hotkey);
    store.put(childrenItems.PendingChildKeys, [renamed, after], netuid, isOwn ? to : hotkey);
  }
}

function renameIn(store: Store, side: Side, other: Side, from: string, to: string, netuid: number): void {
  const kin = store.get(childrenItems[side], from, netuid);
  if (kin.length === 0) return;
  if (kin.some(([, each]) => each === to)) throw fail('InvalidChild');
  for (const [, each] of store.get(childrenItems[side], to, netuid))
    setEdge(store, other, each, netuid, to, null);
  store.remove(childrenItems[side], from, netuid);
  putKin(store, side, to, netuid, kin);
  for (const [part, each] of kin) {
    setEdge(store, other, each, netuid, from, null);
    setEdge(store, other, each, netuid, to, part);
  }
}
