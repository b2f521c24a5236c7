import { pureAccount } from '../derived-accounts.ts';
import { failuresOf } from '../failure.ts';
import type { Context, Value } from '../pallet.ts';
import { changeReserve, unreserve } from '../reserve.ts';
import type { Store } from '../store.ts';
import { type ProxyKind, proxyKinds } from './kinds.ts';
import { DEPOSITS, MAX_PROXIES, type ProxyDefinition, proxyErrors, proxyStorage } from './storage.ts';

export const fail = failuresOf('Proxy', proxyErrors);

const depositFor = (count: number): bigint =>
  count === 0 ? 0n : DEPOSITS.ProxyDepositBase + DEPOSITS.ProxyDepositFactor * BigInt(count);

/** As the chain keeps them sorted: by delegate, then by kind, then by delay. */
function order(a: ProxyDefinition, b: ProxyDefinition): number {
  if (a.delegate !== b.delegate) return a.delegate < b.delegate ? -1 : 1;
  return proxyKinds[a.proxy_type.type] - proxyKinds[b.proxy_type.type] || a.delay - b.delay;
}

/** Lets an account act for another. @throws {Failure} NoSelfProxy, Duplicate, TooMany, and as `reserve` */
export function addProxy(context: Context, delegator: string, added: ProxyDefinition): void {
  const { store } = context;
  if (delegator === added.delegate) throw fail('NoSelfProxy');
  const [proxies, deposit] = store.get(proxyStorage.Proxies, delegator);
  if (proxies.some((each) => order(each, added) === 0)) throw fail('Duplicate');
  if (proxies.length >= MAX_PROXIES) throw fail('TooMany');
  const next = depositFor(proxies.length + 1);
  changeReserve(context, delegator, deposit, next);
  store.put(proxyStorage.Proxies, [[...proxies, added].sort(order), next], delegator);
  emitChange(context, 'ProxyAdded', delegator, added);
}

/** @throws {Failure} NotFound */
export function removeProxy(context: Context, delegator: string, removed: ProxyDefinition): void {
  const { store } = context;
  const [proxies, deposit] = store.get(proxyStorage.Proxies, delegator);
  const left = proxies.filter((each) => order(each, removed) !== 0);
  if (left.length === proxies.length) throw fail('NotFound');
  const next = depositFor(left.length);
  changeReserve(context, delegator, deposit, next);
  if (left.length > 0) store.put(proxyStorage.Proxies, [left, next], delegator);
  else store.remove(proxyStorage.Proxies, delegator);
  emitChange(context, 'ProxyRemoved', delegator, removed);
}

function emitChange(
  { emit }: Context,
  event: 'ProxyAdded' | 'ProxyRemoved',
  delegator: string,
  { delegate, proxy_type, delay }: ProxyDefinition,
): void {
  emit('Proxy', event, { delegator, delegatee: delegate, proxy_type, delay });
}

/** All of an account's proxies at once. A pure account that does so to itself is lost, with its maker's deposit. */
export function removeProxies(context: Context, delegator: string): void {
  const [, deposit] = context.store.get(proxyStorage.Proxies, delegator);
  context.store.remove(proxyStorage.Proxies, delegator);
  unreserve(context, delegator, deposit);
}

/** The first proxy that fits. @throws {Failure} NotProxy */
export function proxyOf(
  store: Store,
  real: string,
  delegate: string,
  kind: ProxyKind | null,
): ProxyDefinition {
  const [proxies] = store.get(proxyStorage.Proxies, real);
  const fits = (each: ProxyDefinition) =>
    each.delegate === delegate && (kind === null || each.proxy_type.type === kind);
  const found = proxies.find(fits);
  if (!found) throw fail('NotProxy');
  return found;
}

/** A new account that none has a key of; its maker is its first proxy, and pays the deposit. @throws {Failure} Duplicate */
export function createPure(context: Context, who: string, { proxy_type, delay, index }: Value): void {
  const { store, block, extrinsic } = context;
  const spawn = { spawner: who, height: block, extrinsic, index };
  const pure = pureAccount({ ...spawn, proxyType: context.encode('ProxyType', proxy_type) });
  if (store.has(proxyStorage.Proxies, pure)) throw fail('Duplicate');
  const deposit = depositFor(1);
  changeReserve(context, who, 0n, deposit);
  store.put(proxyStorage.Proxies, [[{ delegate: who, proxy_type, delay }], deposit], pure);
  context.emit('Proxy', 'PureCreated', { pure, who, proxy_type, disambiguation_index: index });
}

/** Ends a pure account, called by itself; what it still holds is lost. @throws {Failure} NoPermission */
export function killPure(context: Context, who: string, spawner: string, args: Value): void {
  const { proxy_type, index, height, ext_index: extrinsic } = args;
  const proxyType = context.encode('ProxyType', proxy_type);
  if (pureAccount({ spawner, height, extrinsic, proxyType, index }) !== who) throw fail('NoPermission');
  const [, deposit] = context.store.get(proxyStorage.Proxies, who);
  context.store.remove(proxyStorage.Proxies, who);
  unreserve(context, spawner, deposit);
  context.emit('Proxy', 'PureKilled', { pure: who, spawner, proxy_type, disambiguation_index: index });
}
