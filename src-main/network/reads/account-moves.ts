import type { Ss58 } from '../../../src-shared/units.ts';
import type { PlacedEvent } from './events.ts';
import { ADDED, amountOf, netuidOf, REMOVED, withinSubnet } from './stake-moves.ts';

export type AccountMoveKind =
  | 'transfer-in'
  | 'transfer-out'
  /** TAO for alpha of any subnet and hotkey, and back. */
  | 'stake'
  | 'unstake'
  | 'registration'
  /** What the network took for carrying a transaction. */
  | 'network-fee'
  /** What the balance changed by besides, and no event says why. */
  | 'tao-other';

/** A change of a coldkey's free TAO. */
export interface AccountMove {
  /** Its place among the events of the block: the same whoever reads them. */
  readonly seq: number;
  readonly kind: AccountMoveKind;
  /** Signed: below zero where there is less of it. */
  readonly taoRao: bigint;
  /** Signed, where alpha went the other way; null where none did. */
  readonly alpha: bigint | null;
  readonly netuid: number | null;
  /** Behind which it was staked, or that was registered. */
  readonly hotkey: Ss58 | null;
  /** Where TAO went to, or came from. */
  readonly other: Ss58 | null;
  /** Place of the transaction in its block; null where the chain did it by itself. */
  readonly extrinsic: number | null;
}

/** What events say of a coldkey's TAO. */
export interface AccountEvents {
  readonly moves: readonly AccountMove[];
  /** Hotkeys that got a place by a transaction that the coldkey paid for; what it cost no event says. */
  readonly registered: readonly Pick<AccountMove, 'seq' | 'netuid' | 'hotkey' | 'extrinsic'>[];
  /** Whether its balance may have changed at all. */
  readonly isTouched: boolean;
}

const FEE_PAID = 'TransactionPayment.TransactionFeePaid';
const NOTHING = { alpha: null, netuid: null, hotkey: null, other: null };

export function accountEventsIn(events: readonly PlacedEvent[], coldkey: Ss58): AccountEvents {
  const within = withinSubnet(events);
  const inAlpha = paidInAlpha(events, coldkey);
  const paid = new Set(
    events.flatMap(({ name, data, extrinsic }) =>
      name === FEE_PAID && data[0] === coldkey ? [extrinsic] : [],
    ),
  );
  const moves: AccountMove[] = [];
  const registered: AccountEvents['registered'][number][] = [];
  let isTouched = false;
  for (const [seq, event] of events.entries()) {
    const { name, data, extrinsic } = event;
    if (name.startsWith('Balances.') && data.includes(coldkey)) isTouched = true;
    if (name === 'SubtensorModule.NeuronRegistered' && extrinsic !== null && paid.has(extrinsic))
      registered.push({ seq, netuid: netuidOf(data[0]), hotkey: data[2] as Ss58, extrinsic });
    if (within.has(seq) || (name === FEE_PAID && inAlpha.has(extrinsic))) continue;
    moves.push(...movesOf(event, seq, coldkey));
  }
  return { moves, registered, isTouched: isTouched || moves.length > 0 || registered.length > 0 };
}

/**
 * Transactions whose fee this coldkey paid out of a stake, for want of TAO: they announce it in TAO besides, but the
 * balance never had it.
 */
const paidInAlpha = (events: readonly PlacedEvent[], coldkey: Ss58): ReadonlySet<number | null> =>
  new Set(
    events.flatMap(({ name, data, extrinsic }) =>
      name === 'SubtensorModule.TransactionFeePaidWithAlpha' && data[0] === coldkey ? [extrinsic] : [],
    ),
  );

function movesOf({ name, data, extrinsic }: PlacedEvent, seq: number, coldkey: Ss58): readonly AccountMove[] {
  const at = { seq, extrinsic, ...NOTHING };
  const [first, second] = data;
  switch (name) {
    case 'Balances.Transfer': {
      if (first === second) return [];
      const amount = amountOf(data[2]);
      if (first === coldkey) return [{ ...at, kind: 'transfer-out', taoRao: -amount, other: second as Ss58 }];
      if (second === coldkey) return [{ ...at, kind: 'transfer-in', taoRao: amount, other: first as Ss58 }];
      return [];
    }
    case ADDED:
    case REMOVED: {
      if (first !== coldkey) return [];
      const [kind, sign] = name === ADDED ? (['stake', 1n] as const) : (['unstake', -1n] as const);
      const stake = { netuid: netuidOf(data[4]), hotkey: second as Ss58, alpha: sign * amountOf(data[3]) };
      return [{ ...at, ...stake, kind, taoRao: -sign * amountOf(data[2]) }];
    }
    case FEE_PAID: {
      const fee = amountOf(data[1]);
      return first === coldkey && fee > 0n ? [{ ...at, kind: 'network-fee', taoRao: -fee }] : [];
    }
    default:
      return [];
  }
}

/**
 * All of it, with what is left of the change of the balance: the price of a place where one was bought, else something
 * that no event names.
 * @param changeRao of the free balance over the block; null: nothing is made of it
 */
export function completed(
  { moves, registered }: AccountEvents,
  changeRao: bigint | null,
): readonly AccountMove[] {
  const rest = changeRao === null ? 0n : changeRao - sumOf(moves);
  if (rest === 0n) return moves;
  const [place] = registered;
  if (place && rest < 0n) return [...moves, { ...NOTHING, ...place, kind: 'registration', taoRao: rest }];
  const [first] = moves;
  const extrinsic =
    first && moves.every((move) => move.extrinsic === first.extrinsic) ? first.extrinsic : null;
  return [...moves, { ...NOTHING, seq: REST_SEQ, kind: 'tao-other', taoRao: rest, extrinsic }];
}

/** After all events. */
const REST_SEQ = 1_000_000;

export const sumOf = (moves: readonly AccountMove[]): bigint =>
  moves.reduce((sum, { taoRao }) => sum + taoRao, 0n);
