import { alphaRao, rao, type Ss58 } from '../../../src-shared/units.ts';
import type { CallEffect } from '../chain.ts';
import type { SeenEvent } from '../reads/events.ts';
import { anyUint, parse, smallUint } from '../storage.ts';

/** What events of one transaction say that it did. A success without the event of what was wanted did nothing. */

const find = (events: readonly SeenEvent[], name: string, fits: (data: readonly unknown[]) => boolean) =>
  events.find((event) => event.name === name && fits(event.data));

/**
 * StakeAdded and StakeRemoved: coldkey, hotkey, TAO, alpha, netuid, fee. There are two of them where the chain takes out
 * the little that was left, too: what was done is both.
 */
export function staked(
  events: readonly SeenEvent[],
  name: 'StakeAdded' | 'StakeRemoved',
  hotkey: Ss58,
): CallEffect | null {
  const found = events.filter(
    (event) => event.name === `SubtensorModule.${name}` && event.data[1] === hotkey,
  );
  if (found.length === 0) return null;
  const sum = (at: number) => found.reduce((total, { data }) => total + parse(anyUint, data[at]), 0n);
  return {
    kind: name === 'StakeAdded' ? 'staked' : 'unstaked',
    taoRao: rao(sum(2)),
    alpha: alphaRao(sum(3)),
    // Its unit is that of what went in.
    fee: sum(5),
  };
}

/** NeuronRegistered: netuid, uid, hotkey. */
export function registered(events: readonly SeenEvent[], hotkey: Ss58): CallEffect | null {
  const found = find(events, 'SubtensorModule.NeuronRegistered', (data) => data[2] === hotkey);
  return found ? { kind: 'registered', uid: parse(smallUint, found.data[1]) } : null;
}

/** Transfer: from, to, amount. */
export function transferred(events: readonly SeenEvent[], to: Ss58): CallEffect | null {
  const found = find(events, 'Balances.Transfer', (data) => data[1] === to);
  return found ? { kind: 'transferred', amountRao: rao(parse(anyUint, found.data[2])) } : null;
}

export const happened = (events: readonly SeenEvent[], name: string): CallEffect | null =>
  find(events, `SubtensorModule.${name}`, () => true) ? { kind: 'done' } : null;

/** NetworkAdded: netuid, mechanism. */
export function opened(events: readonly SeenEvent[]): CallEffect | null {
  const found = find(events, 'SubtensorModule.NetworkAdded', () => true);
  return found ? { kind: 'opened', netuid: parse(smallUint, found.data[0]) } : null;
}
