import { type Rao, rao, type Ss58 } from '../../../src-shared/units.ts';
import { anyUint, parse, smallUint } from '../storage.ts';
import type { PlacedEvent } from './events.ts';

/** Whose stake: what this coldkey holds on this hotkey of one subnet. */
export interface StakeOwner {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
}

export type MoveKind =
  | 'stake'
  | 'unstake'
  /** To or from another hotkey of the same holder, and another holder: nothing was bought or sold. */
  | 'moved'
  | 'handed'
  | 'recycled'
  | 'burned'
  /** Pay of this hotkey that was staked behind another one, and pay of another that was staked here. */
  | 'auto-out'
  | 'auto-in'
  /** Those below have no amount in their event: it is what the stake changed by in their block. */
  | 'swapped'
  | 'claimed'
  | 'fee'
  | 'dissolved'
  | 'other';

/** A change of the stake that its event names an amount for. */
export interface StakeMove {
  readonly kind: MoveKind;
  /** Signed: below zero where the stake became less. */
  readonly alpha: bigint;
  /** TAO that went the other way; null where none is named. */
  readonly taoRao: Rao | null;
  /** Of what went in: rao of TAO when staking, alpha when taking out. */
  readonly fee: bigint | null;
  /** Place of the transaction in its block; null where the chain did it by itself. */
  readonly extrinsic: number | null;
}

export const amountOf = (value: unknown): bigint => parse(anyUint, value);
export const netuidOf = (value: unknown): number => parse(smallUint, value);

export const ADDED = 'SubtensorModule.StakeAdded';
export const REMOVED = 'SubtensorModule.StakeRemoved';

/**
 * Which of the events that look like a purchase or a sale are neither: stake that changed its hotkey or its holder
 * within one subnet is told as taken out and put in, and then by what it was.
 * @returns by place among the events
 */
export function withinSubnet(events: readonly PlacedEvent[]): ReadonlyMap<number, 'moved' | 'handed'> {
  const found = new Map<number, 'moved' | 'handed'>();
  const mark = (
    before: number,
    name: string,
    holder: unknown,
    hotkey: unknown,
    netuid: unknown,
    kind: 'moved' | 'handed',
  ) => {
    for (let i = before - 1; i >= 0 && events[i]?.extrinsic === events[before]?.extrinsic; i--) {
      const { name: is, data = [] } = events[i] ?? {};
      if (is !== name || found.has(i) || data[0] !== holder || data[1] !== hotkey || data[4] !== netuid)
        continue;
      found.set(i, kind);
      return;
    }
  };
  for (const [at, { name, data }] of events.entries()) {
    if (name === 'SubtensorModule.StakeMoved') {
      const [coldkey, from, netuid, to, destination] = data;
      if (netuid !== destination) continue;
      mark(at, REMOVED, coldkey, from, netuid, 'moved');
      mark(at, ADDED, coldkey, to, netuid, 'moved');
    }
    if (name === 'SubtensorModule.StakeTransferred') {
      const [from, to, hotkey, netuid, destination] = data;
      if (netuid !== destination) continue;
      mark(at, REMOVED, from, hotkey, netuid, 'handed');
      mark(at, ADDED, to, hotkey, netuid, 'handed');
    }
  }
  return found;
}

/** null for an event that names no amount of this stake; none for one that is about another stake. */
export function stakeMoveOf(
  { name, data, extrinsic }: PlacedEvent,
  within: 'moved' | 'handed' | undefined,
  netuid: number,
  { hotkey, coldkey }: StakeOwner,
): readonly StakeMove[] | null {
  const [first, second] = data;
  const silent = { taoRao: null, fee: null, extrinsic };
  switch (name) {
    case ADDED:
    case REMOVED: {
      const [, , tao, alpha, where, fee] = data;
      if (first !== coldkey || second !== hotkey || netuidOf(where) !== netuid) return [];
      const [kind, sign] = name === ADDED ? (['stake', 1n] as const) : (['unstake', -1n] as const);
      const signed = sign * amountOf(alpha);
      // What such a stake is worth is named too, but no TAO changed hands.
      if (within) return [{ kind: within, alpha: signed, ...silent }];
      return [{ kind, alpha: signed, taoRao: rao(amountOf(tao)), fee: amountOf(fee), extrinsic }];
    }
    case 'SubtensorModule.AlphaRecycled':
    case 'SubtensorModule.AlphaBurned': {
      if (first !== coldkey || second !== hotkey || netuidOf(data[3]) !== netuid) return [];
      const kind = name.endsWith('Recycled') ? 'recycled' : 'burned';
      return [{ kind, alpha: -amountOf(data[2]), ...silent }];
    }
    case 'SubtensorModule.AutoStakeAdded': {
      const [where, destination, from, owner, incentive] = data;
      if (netuidOf(where) !== netuid || owner !== coldkey || destination === from) return [];
      if (from === hotkey) return [{ kind: 'auto-out', alpha: -amountOf(incentive), ...silent }];
      if (destination === hotkey) return [{ kind: 'auto-in', alpha: amountOf(incentive), ...silent }];
      return [];
    }
    default:
      return null;
  }
}
