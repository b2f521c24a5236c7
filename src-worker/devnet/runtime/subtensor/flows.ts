import { averageFlow, flowWeights } from '../../economy/flow.ts';
import type { Fixed } from '../fixed.ts';
import { item } from '../item.ts';
import type { Store } from '../store.ts';

const NETUID = ['u16', 'Identity'] as const;
const FLOW_MAX = 2n ** 63n - 1n;

/** Storage of SubtensorModule at 393 for TAO that orders bring to subnets and take from them. */
export const flowItems = {
  /** Rao of this block. */
  SubnetTaoFlow: item<[number], bigint>([NETUID], 'i64', 0n),
  SubnetEmaTaoFlow: item<[number], readonly [block: bigint, average: Fixed] | null>(
    [NETUID],
    '(u64, FixedI128Of64)',
    null,
  ),
  TaoFlowCutoff: item<[], Fixed>([], 'FixedI128Of64', { bits: 0n }),
  FlowNormExponent: item<[], Fixed>([], 'FixedU128', { bits: 1n << 64n }),
  FlowEmaSmoothingFactor: item<[], bigint>([], 'u64', 29_597_889_189_277n),
};

/** An order has brought so much TAO to a subnet, its fee not counted; less than zero: has taken it. */
export function recordFlow(store: Store, netuid: number, rao: bigint): void {
  store.change(flowItems.SubnetTaoFlow, (flow) => bounded(flow + rao), netuid);
}

/** Root's flow is never taken into an average, and so adds up for ever. */
const bounded = (flow: bigint): bigint => (flow > FLOW_MAX ? FLOW_MAX : flow < -FLOW_MAX ? -FLOW_MAX : flow);

/** Takes a block's flow into each average. @returns weights to share new TAO by */
export function weighFlows(store: Store, netuids: readonly number[], block: number): bigint[] {
  const factor = store.get(flowItems.FlowEmaSmoothingFactor);
  const averages = netuids.map((netuid) => {
    const before = store.get(flowItems.SubnetEmaTaoFlow, netuid)?.[1].bits ?? 0n;
    const average = averageFlow(before, store.get(flowItems.SubnetTaoFlow, netuid), factor);
    store.put(flowItems.SubnetEmaTaoFlow, [BigInt(block), { bits: average }], netuid);
    store.remove(flowItems.SubnetTaoFlow, netuid);
    return average;
  });
  return flowWeights(averages, store.get(flowItems.TaoFlowCutoff).bits);
}
