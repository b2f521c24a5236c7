import { blake2b } from '@noble/hashes/blake2.js';
import { toHex } from '../../scale/hex.ts';
import { lookup } from '../address.ts';
import { Failure } from '../failure.ts';
import { type Call, type Context, heldCall, type Pallet, type Value } from '../pallet.ts';
import { announce, dropAnnouncements } from './announcements.ts';
import { addProxy, createPure, fail, killPure, proxyOf, removeProxies, removeProxy } from './definitions.ts';
import { isProxyable } from './kinds.ts';
import {
  type Announcement,
  DEPOSITS,
  MAX_PENDING,
  MAX_PROXIES,
  type ProxyDefinition,
  proxyErrors,
  proxyStorage,
} from './storage.ts';

/**
 * Makes a call for another account, within what the proxy is good for. How the call went is told by an event, not by
 * the outcome of the transaction.
 */
function act(context: Context, { proxy_type }: ProxyDefinition, real: string, call: Call): void {
  let result: Value = { type: 'Ok', value: [] };
  try {
    context.nested(() => context.dispatchFor(real, call, (each) => isProxyable(proxy_type.type, each)));
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    result = { type: 'Err', value: context.describe(thrown) };
  }
  context.store.put(proxyStorage.LastCallResult, result, real);
  context.emit('Proxy', 'ProxyExecuted', { result });
}

function proxy(context: Context, who: string, { real, force_proxy_type, call }: Value): void {
  const account = lookup(real);
  const definition = proxyOf(context.store, account, who, force_proxy_type?.type ?? null);
  if (definition.delay > 0) throw fail('Unannounced');
  act(context, definition, account, call);
}

/** Anybody may carry out what a delegate has announced long enough ago. */
function proxyAnnounced(context: Context, _who: string, args: Value): void {
  const [delegate, real] = [lookup(args.delegate), lookup(args.real)];
  const definition = proxyOf(context.store, real, delegate, args.force_proxy_type?.type ?? null);
  const callHash = toHex(blake2b(context.encode('RuntimeCall', args.call), { dkLen: 32 }));
  const isRipe = (each: Announcement) =>
    each.real === real && each.call_hash === callHash && context.block - each.height >= definition.delay;
  try {
    dropAnnouncements(context, delegate, isRipe);
  } catch (thrown) {
    throw thrown instanceof Failure && thrown.error === 'NotFound' ? fail('Unannounced') : thrown;
  }
  act(context, definition, real, args.call);
}

const asDefinition = ({ delegate, proxy_type, delay }: Value): ProxyDefinition => ({
  delegate: lookup(delegate),
  proxy_type,
  delay,
});

const ADDRESS = 'MultiAddress as AccountIdLookupOf<T>';
const KIND = 'ProxyType as T::ProxyType';
const FORCED = 'Option<ProxyType> as Option<T::ProxyType>';
const DELAY = 'u32 as BlockNumberFor<T>';
const CALL = 'RuntimeCall as Box<<T as Config>::RuntimeCall>';
const HASH = 'H256 as CallHashOf<T>';
const ACCOUNT = 'AccountId32 as T::AccountId';
const BALANCE = 'u64 as BalanceOf<T>';

const proxyCalls: Pallet['calls'] = {
  proxy: {
    index: 0,
    args: { real: ADDRESS, force_proxy_type: FORCED, call: CALL },
    refTime: 155_000_000,
    pays: true,
    holds: heldCall,
    sparesFree: true,
    run: proxy,
  },
  add_proxy: {
    index: 1,
    args: { delegate: ADDRESS, proxy_type: KIND, delay: DELAY },
    refTime: 150_000_000,
    pays: true,
    run: (context, who, args) => addProxy(context, who, asDefinition(args)),
  },
  remove_proxy: {
    index: 2,
    args: { delegate: ADDRESS, proxy_type: KIND, delay: DELAY },
    refTime: 150_000_000,
    pays: true,
    run: (context, who, args) => removeProxy(context, who, asDefinition(args)),
  },
  remove_proxies: { index: 3, args: {}, refTime: 150_000_000, pays: true, run: removeProxies },
  create_pure: {
    index: 4,
    args: { proxy_type: KIND, delay: DELAY, index: 'u16' },
    refTime: 150_000_000,
    pays: true,
    run: createPure,
  },
  kill_pure: {
    index: 5,
    args: {
      spawner: ADDRESS,
      proxy_type: KIND,
      index: 'u16',
      height: 'Compact<u32> as BlockNumberFor<T>',
      ext_index: 'Compact<u32> as u32',
    },
    refTime: 150_000_000,
    pays: true,
    run: (context, who, args) => killPure(context, who, lookup(args.spawner), args),
  },
  announce: {
    index: 6,
    args: { real: ADDRESS, call_hash: HASH },
    refTime: 280_000_000,
    pays: true,
    run: (context, who, { real, call_hash }) => announce(context, who, lookup(real), call_hash),
  },
  remove_announcement: {
    index: 7,
    args: { real: ADDRESS, call_hash: HASH },
    refTime: 270_000_000,
    pays: true,
    run(context, who, { real, call_hash }) {
      const account = lookup(real);
      dropAnnouncements(context, who, (each) => each.real === account && each.call_hash === call_hash);
    },
  },
  reject_announcement: {
    index: 8,
    args: { delegate: ADDRESS, call_hash: HASH },
    refTime: 270_000_000,
    pays: true,
    run: (context, who, { delegate, call_hash }) =>
      dropAnnouncements(
        context,
        lookup(delegate),
        (each) => each.real === who && each.call_hash === call_hash,
      ),
  },
  proxy_announced: {
    index: 9,
    args: { delegate: ADDRESS, real: ADDRESS, force_proxy_type: FORCED, call: CALL },
    refTime: 430_000_000,
    pays: true,
    holds: heldCall,
    run: proxyAnnounced,
  },
};

/** Accounts that act for others: by kind, with a delay where their principals want one. */
export const proxyPallet: Pallet = {
  name: 'Proxy',
  index: 16,
  crate: 'pallet_subtensor_proxy',
  storage: proxyStorage,
  calls: proxyCalls,
  events: {
    ProxyExecuted: [0, { result: 'Result<(), DispatchError> as DispatchResult' }],
    PureCreated: [1, { pure: ACCOUNT, who: ACCOUNT, proxy_type: KIND, disambiguation_index: 'u16' }],
    PureKilled: [2, { pure: ACCOUNT, spawner: ACCOUNT, proxy_type: KIND, disambiguation_index: 'u16' }],
    Announced: [3, { real: ACCOUNT, proxy: ACCOUNT, call_hash: HASH }],
    ProxyAdded: [4, { delegator: ACCOUNT, delegatee: ACCOUNT, proxy_type: KIND, delay: DELAY }],
    ProxyRemoved: [5, { delegator: ACCOUNT, delegatee: ACCOUNT, proxy_type: KIND, delay: DELAY }],
    DepositPoked: [6, { who: ACCOUNT, kind: 'DepositKind', old_deposit: BALANCE, new_deposit: BALANCE }],
    RealPaysFeeSet: [7, { real: ACCOUNT, delegate: ACCOUNT, pays_fee: 'bool' }],
  },
  errors: proxyErrors,
  constants: {
    ...Object.fromEntries(Object.entries(DEPOSITS).map(([name, rao]) => [name, ['u64', rao]] as const)),
    MaxProxies: ['u32', MAX_PROXIES],
    MaxPending: ['u32', MAX_PENDING],
  },
};
