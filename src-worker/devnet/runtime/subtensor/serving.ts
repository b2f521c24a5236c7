import type { Context, Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { subnets } from './storage.ts';

const LOOPBACK_V4 = 0x7f00_0001n;
const BROADCAST_V4 = 0xffff_ffffn;
const LOOPBACK_V6 = 1n;
const BROADCAST_V6 = (1n << 128n) - 1n;

/** Publishes where a neuron listens. */
export function serveAxon({ store, block, rules, emit }: Context, hotkey: string, args: Value): void {
  const { netuid, version, ip, port, ip_type, protocol, placeholder1, placeholder2 } = args;
  if (!store.has(subnets.Uids, netuid, hotkey)) throw fail('HotKeyNotRegisteredInSubNet');
  if (ip_type !== 4 && ip_type !== 6) throw fail('InvalidIpType');
  if (!isServable(ip, ip_type, rules.refuseLoopbackAxons)) throw fail('InvalidIpAddress');
  if (port === 0) throw fail('InvalidPort');
  checkPace(store, netuid, block, store.get(subnets.Axons, netuid, hotkey));
  const axon = { block: BigInt(block), version, ip, port, ip_type, protocol, placeholder1, placeholder2 };
  store.put(subnets.Axons, axon, netuid, hotkey);
  emit('SubtensorModule', 'AxonServed', [netuid, hotkey]);
}

/** The bytes of a certificate's key, after its algorithm, as the chain keeps them at most. */
const MAX_KEY_BYTES = 64;

/** The same with a certificate: a byte for its algorithm, then a key. One that is none is left out in silence. */
export function serveAxonTls(context: Context, hotkey: string, args: Value): void {
  serveAxon(context, hotkey, args);
  const [algorithm, ...key] = args.certificate as Uint8Array;
  if (algorithm === undefined || key.length > MAX_KEY_BYTES) return;
  const certificate = { public_key: Uint8Array.from(key), algorithm };
  context.store.put(described.NeuronCertificates, certificate, args.netuid, hotkey);
}

/** Publishes where a neuron's measurements are read. */
export function servePrometheus({ store, block, rules, emit }: Context, hotkey: string, args: Value): void {
  const { netuid, version, ip, port, ip_type } = args;
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (ip_type !== 4 && ip_type !== 6) throw fail('InvalidIpType');
  if (ip === 0n || !isServable(ip, ip_type, rules.refuseLoopbackAxons)) throw fail('InvalidIpAddress');
  if (!store.has(subnets.Uids, netuid, hotkey)) throw fail('HotKeyNotRegisteredInNetwork');
  checkPace(store, netuid, block, store.get(described.Prometheus, netuid, hotkey));
  if (port === 0) throw fail('InvalidPort');
  store.put(described.Prometheus, { block: BigInt(block), version, ip, port, ip_type }, netuid, hotkey);
  emit('SubtensorModule', 'PrometheusServed', [netuid, hotkey]);
}

function checkPace(store: Store, netuid: number, block: number, before: { block: bigint } | null): void {
  if (before && BigInt(block) - before.block < store.get(subnets.ServingRateLimit, netuid))
    throw fail('ServingRateLimitExceeded');
}

/**
 * The real chain refuses 127.0.0.1 and ::1. A practice swarm lives on loopback and nowhere else, so here they are
 * taken unless the genesis says otherwise.
 */
function isServable(ip: bigint, ipType: number, refuseLoopback: boolean): boolean {
  if (ipType === 4 && (ip > BROADCAST_V4 || ip === BROADCAST_V4)) return false;
  if (ipType === 6 && ip === BROADCAST_V6) return false;
  return !refuseLoopback || ip !== (ipType === 4 ? LOOPBACK_V4 : LOOPBACK_V6);
}
