import * as v from 'valibot';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { type AlphaRao, alphaRao, type Hex, type Rao, rao, type Ss58 } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, smallUint } from '../storage.ts';
import { decodeEvents, type EventRecord, eventMark, INCENTIVES, rawEvents } from './events.ts';

/** Whose stake: what this coldkey holds on this hotkey of one subnet. */
export interface StakeOwner {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
}

export type MoveKind =
  | 'stake'
  | 'unstake'
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
}

/** What one block did to a stake, as far as its events say. */
export interface StakeEvents {
  /** Alpha paid by uid; null when no epoch of the subnet ran in the block. */
  readonly incentives: readonly AlphaRao[] | null;
  readonly moves: readonly StakeMove[];
  /** Something that may have changed it besides, without naming an amount. */
  readonly unsaid: MoveKind | null;
}

/**
 * What a block's events say of a stake; null where none of them is about it. The bytes are looked through first: most
 * blocks have nothing, and decoding a real block's events takes milliseconds.
 */
export async function readStakeEvents(
  session: Session,
  netuid: number,
  owner: StakeOwner,
  at: Hex,
  signal: AbortSignal,
): Promise<StakeEvents | null> {
  const raw = await rawEvents(session, at, signal);
  if (!raw) return null;
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const marks = [
    eventMark(session, INCENTIVES, netuid),
    eventMark(session, REMOVED, netuid),
    publicKeyOf(owner.coldkey),
    publicKeyOf(owner.hotkey),
  ];
  if (!marks.some((mark) => mark && bytes.indexOf(mark) >= 0)) return null;
  return stakeEventsIn(decodeEvents(session, raw), netuid, owner);
}

const REMOVED = 'NetworkRemoved';

function stakeEventsIn(
  records: readonly EventRecord[],
  netuid: number,
  owner: StakeOwner,
): StakeEvents | null {
  let incentives: readonly AlphaRao[] | null = null;
  let unsaid: MoveKind | null = null;
  const moves: StakeMove[] = [];
  let isOurs = false;
  for (const { event } of records) {
    const data = event.data.map((value) => value.toPrimitive());
    const names = data.includes(owner.hotkey) || data.includes(owner.coldkey);
    if (names) isOurs = true;
    if (event.section === 'subtensorModule' && event.method === INCENTIVES) {
      if (parse(smallUint, data[0]) === netuid) incentives = parse(v.array(anyUint), data[1]).map(alphaRao);
      continue;
    }
    if (event.method === REMOVED && parse(smallUint, data[0]) === netuid) unsaid = 'dissolved';
    const move = event.section === 'subtensorModule' ? moveOf(event.method, data, netuid, owner) : null;
    if (move) moves.push(...move);
    else if (names && unsaid !== 'dissolved') unsaid = UNSAID[event.method] ?? unsaid ?? 'other';
  }
  return isOurs || incentives || unsaid ? { incentives, moves, unsaid } : null;
}

/** Events that change a stake and name no amount. */
const UNSAID: Readonly<Record<string, MoveKind>> = {
  HotkeySwapped: 'swapped',
  HotkeySwappedOnSubnet: 'swapped',
  ColdkeySwapped: 'swapped',
  RootClaimed: 'claimed',
  TransactionFeePaidWithAlpha: 'fee',
};

/** null for an event that names no amount of this stake; none for one that is about another stake. */
function moveOf(
  method: string,
  data: readonly unknown[],
  netuid: number,
  { hotkey, coldkey }: StakeOwner,
): readonly StakeMove[] | null {
  const amount = (value: unknown): bigint => parse(anyUint, value);
  const [first, second] = data;
  switch (method) {
    case 'StakeAdded':
    case 'StakeRemoved': {
      const [, , tao, alpha, where, fee] = data;
      if (first !== coldkey || second !== hotkey || parse(smallUint, where) !== netuid) return [];
      const [kind, sign] = method === 'StakeAdded' ? (['stake', 1n] as const) : (['unstake', -1n] as const);
      return [{ kind, alpha: sign * amount(alpha), taoRao: rao(amount(tao)), fee: amount(fee) }];
    }
    case 'AlphaRecycled':
    case 'AlphaBurned': {
      if (first !== coldkey || second !== hotkey || parse(smallUint, data[3]) !== netuid) return [];
      const kind = method === 'AlphaRecycled' ? 'recycled' : 'burned';
      return [{ kind, alpha: -amount(data[2]), taoRao: null, fee: null }];
    }
    case 'AutoStakeAdded': {
      const [where, destination, from, owner, incentive] = data;
      if (parse(smallUint, where) !== netuid || owner !== coldkey || destination === from) return [];
      const moved = { taoRao: null, fee: null };
      if (from === hotkey) return [{ kind: 'auto-out', alpha: -amount(incentive), ...moved }];
      if (destination === hotkey) return [{ kind: 'auto-in', alpha: amount(incentive), ...moved }];
      return [];
    }
    default:
      return null;
  }
}
