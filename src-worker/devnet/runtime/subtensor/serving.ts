import type { Context, Value } from '../pallet.ts';
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
  const before = store.get(subnets.Axons, netuid, hotkey);
  const limit = store.get(subnets.ServingRateLimit, netuid);
  if (before && BigInt(block) - before.block < limit) throw fail('ServingRateLimitExceeded');
  const axon = { block: BigInt(block), version, ip, port, ip_type, protocol, placeholder1, placeholder2 };
  store.put(subnets.Axons, axon, netuid, hotkey);
  emit('SubtensorModule', 'AxonServed', [netuid, hotkey]);
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
