import { blake2b } from '@noble/hashes/blake2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { hexToU8a } from '@polkadot/util';
import * as v from 'valibot';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { type AlphaRao, alphaRao, type Hex, hex, type Rao, rao } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { anyUint, hexText, parse } from '../storage.ts';
import { type AccountMove, accountEventsIn, completed, sumOf } from './account-moves.ts';
import { readBalance } from './accounts.ts';
import { bytesOf, eventMark, INCENTIVES, type PlacedEvent, placedEvents, writtenAt } from './events.ts';
import {
  type MoveKind,
  netuidOf,
  type StakeMove,
  type StakeOwner,
  stakeMoveOf,
  withinSubnet,
} from './stake-moves.ts';
import { readStakes } from './stakes.ts';

/** What one block did to a stake and to its holder's TAO, as far as its events say. */
export interface StakeEvents {
  /** Alpha by uid; null when no epoch of the subnet ran in the block. */
  readonly incentives: readonly AlphaRao[] | null;
  readonly moves: readonly Hashed<StakeMove>[];
  /** Something that may have changed it besides, without naming an amount. */
  readonly unsaid: MoveKind | null;
  /** What the coldkey's free TAO changed by, all of it. */
  readonly account: readonly Hashed<AccountMove>[];
  /** TAO that came back for this stake when its subnet ended; null where none did, or it is not known. */
  readonly refundRao: Rao | null;
}

/** With the transaction that did it; null where the chain did it by itself. */
export type Hashed<T extends { readonly extrinsic: number | null }> = Omit<T, 'extrinsic'> & {
  readonly txHash: Hex | null;
};

const NETWORK_REMOVED = 'NetworkRemoved';

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
  const written = await writtenAt(session, at, signal);
  if (!written) return null;
  const bytes = bytesOf(written);
  const marks = [
    eventMark(written.registry, INCENTIVES, netuid),
    eventMark(written.registry, NETWORK_REMOVED, netuid),
    publicKeyOf(owner.coldkey),
    publicKeyOf(owner.hotkey),
  ];
  if (!marks.some((mark) => mark && bytes.indexOf(mark) >= 0)) return null;
  const events = placedEvents(written);
  const said = saidOf(events, netuid, owner);
  if (!said) return null;
  const tao = accountEventsIn(events, owner.coldkey);
  const isDissolved = said.unsaid === 'dissolved';
  const isOfChain = said.moves.every(({ extrinsic }) => extrinsic === null);
  if (!tao.isTouched && !isDissolved && isOfChain)
    return { ...said, moves: said.moves.map(unhashed), account: [], refundRao: null };
  const { parentHash, hashes } = await readBody(session, at, signal);
  const hashed = <T extends { readonly extrinsic: number | null }>({ extrinsic, ...move }: T): Hashed<T> => ({
    ...move,
    txHash: extrinsic === null ? null : (hashes[extrinsic] ?? null),
  });
  const changeRao = await readChange(session, owner, [parentHash, at], signal);
  // What an ending subnet gives back is no business of any transaction.
  const isEnding = events.some(({ name }) => name === `SubtensorModule.${NETWORK_REMOVED}`);
  const refundRao = isDissolved
    ? await ownRefund(session, netuid, owner, changeRao - sumOf(tao.moves), parentHash, signal)
    : null;
  const account = completed(tao, isEnding ? null : changeRao);
  return { ...said, moves: said.moves.map(hashed), account: account.map(hashed), refundRao };
}

const unhashed = <T extends { readonly extrinsic: number | null }>({
  extrinsic: _,
  ...move
}: T): Hashed<T> => ({
  ...move,
  txHash: null,
});

interface Said {
  readonly incentives: readonly AlphaRao[] | null;
  readonly moves: readonly StakeMove[];
  readonly unsaid: MoveKind | null;
}

function saidOf(events: readonly PlacedEvent[], netuid: number, owner: StakeOwner): Said | null {
  const within = withinSubnet(events);
  let incentives: readonly AlphaRao[] | null = null;
  let unsaid: MoveKind | null = null;
  const moves: StakeMove[] = [];
  let isOurs = false;
  for (const [seq, event] of events.entries()) {
    const { name, data } = event;
    const [pallet, method = ''] = name.split('.');
    const names = data.includes(owner.hotkey) || data.includes(owner.coldkey);
    if (names) isOurs = true;
    if (pallet === 'SubtensorModule' && method === INCENTIVES) {
      if (netuidOf(data[0]) === netuid) incentives = parse(v.array(anyUint), data[1]).map(alphaRao);
      continue;
    }
    if (pallet === 'SubtensorModule' && method === NETWORK_REMOVED && netuidOf(data[0]) === netuid)
      unsaid = 'dissolved';
    const move = stakeMoveOf(event, within.get(seq), netuid, owner);
    if (move) moves.push(...move);
    else if (names && unsaid !== 'dissolved') unsaid = UNSAID[method] ?? unsaid ?? 'other';
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

const blockSchema = v.object({
  block: v.object({ header: v.object({ parentHash: hexText }), extrinsics: v.array(hexText) }),
});

/** The block before, and each transaction's hash by its place. */
async function readBody(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<{ readonly parentHash: Hex; readonly hashes: readonly Hex[] }> {
  const answer = await session.socket.request('chain_getBlock', [`0x${at}`], signal);
  const { header, extrinsics } = parse(blockSchema, answer).block;
  const hashOf = (bytes: string) => hex(bytesToHex(blake2b(hexToU8a(bytes), { dkLen: 32 })));
  return { parentHash: header.parentHash.slice(2) as Hex, hashes: extrinsics.map(hashOf) };
}

/** Of the coldkey's free balance, from one block's state to the next. */
async function readChange(
  session: Session,
  { coldkey }: StakeOwner,
  [before, at]: readonly [Hex, Hex],
  signal: AbortSignal,
): Promise<bigint> {
  const [earlier, after] = await Promise.all([
    readBalance(session, coldkey, before, signal),
    readBalance(session, coldkey, at, signal),
  ]);
  return after - earlier;
}

/**
 * This stake's part of what came back for all that its holder had on the subnet, by alpha, cut. With a single hotkey it
 * is all of it; a subnet's owner is paid what is left of the lock in it too.
 */
async function ownRefund(
  session: Session,
  netuid: number,
  { hotkey, coldkey }: StakeOwner,
  refundRao: bigint,
  before: Hex,
  signal: AbortSignal,
): Promise<Rao | null> {
  if (refundRao <= 0n) return null;
  const stakes = (await readStakes(session, coldkey, before, signal)).filter((one) => one.netuid === netuid);
  const whole = stakes.reduce((sum, { stakeAlpha }) => sum + stakeAlpha, 0n);
  const own = stakes.find((one) => one.hotkey === hotkey)?.stakeAlpha ?? 0n;
  return whole === 0n ? null : rao((refundRao * own) / whole);
}
