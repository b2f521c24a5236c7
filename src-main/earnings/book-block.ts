import { worthOf } from '../../src-shared/earnings/worth.ts';
import { type AlphaRao, alphaRao, type Hex, type Rao } from '../../src-shared/units.ts';
import type { ConnectedChain } from '../network/client.ts';
import type { Hashed, StakeEvents } from '../network/reads/stake-events.ts';
import type { StakeMove, StakeOwner } from '../network/reads/stake-moves.ts';
import { isRounding } from './book.ts';
import type { BookedBlock, EarningsLedger, EpochRow, MoveKind, MoveRow, SnapshotRow } from './ledger.ts';

export type BookingChain = Pick<
  ConnectedChain,
  'blockHash' | 'stake' | 'alphaPrice' | 'stakeEvents' | 'blockTimeMs' | 'uidOf' | 'owner'
>;

export interface BookingOptions extends StakeOwner {
  readonly chain: BookingChain;
  readonly ledger: Pick<EarningsLedger, 'lastSnapshot' | 'bookedBetween'>;
  readonly clock: { now(): number };
}

/** How a block stands to those before it. */
export type Stretch = 'first' | 'next' | 'after-gap';

/**
 * What there is to book of a block: pay by its event, own operations by theirs, and what remains of the change of
 * stake: dividends where an epoch ran, else what an event changed without naming an amount.
 * @returns null where nothing happened to this stake
 */
export async function bookingOf(
  options: BookingOptions,
  block: number,
  at: Hex,
  stretch: Stretch,
  signal: AbortSignal,
): Promise<BookedBlock | null> {
  const { chain, hotkey, coldkey, ledger, clock } = options;
  const events = await chain.stakeEvents({ hotkey, coldkey }, at, signal);
  if (!events && stretch === 'next') return null;
  const [before, stakeAlpha, priceRao, timeMs] = await Promise.all([
    ledger.lastSnapshot(hotkey),
    chain.stake(hotkey, coldkey, at, signal),
    // A subnet that is gone has no price.
    events?.unsaid === 'dissolved' ? null : chain.alphaPrice(at, signal),
    chain.blockTimeMs(at, signal),
  ]);
  const at0 = { hotkey, block, atMs: timeMs ?? clock.now(), priceRao };
  const { epoch, withheld } = await payOf(options, events, at0, signal);
  const said = [...(events?.moves ?? []), ...(withheld ? [withheld] : [])];
  const moves = said.map((move, seq) => moveRow(move, seq, { ...at0, coldkey }));
  const account = accountOf(events, coldkey, at0);
  // A block that is read again after the snapshot of a later one is booked already.
  if (before && before.block >= block) return { hotkey, block, epoch, moves, snapshot: null, account };
  const known = before ? await ledger.bookedBetween(hotkey, before.block, block) : 0n;
  const here = moves.reduce((sum, { alpha }) => sum + alpha, epoch?.alpha ?? 0n);
  const rest = before ? stakeAlpha - before.stakeAlpha - known - here : null;
  const isEpoch = events?.incentives != null;
  const unsaid = before && stretch === 'next' ? unsaidMove(events, rest ?? 0n) : null;
  // The end of a subnet is no loss of dividends, also where an epoch ran in its last block.
  const isEnd = unsaid?.kind === 'dissolved';
  if ((isEpoch && !isEnd) || stretch !== 'next' || !before) {
    const snapshot: SnapshotRow = {
      ...{ hotkey, coldkey, block, atMs: at0.atMs, stakeAlpha, priceRao },
      residualAlpha: rest === null ? null : alphaRao(rest),
      method: before && (stretch !== 'next' || before.method === null) ? 'delta' : 'event',
    };
    return { hotkey, block, epoch, moves, snapshot, account };
  }
  const all = unsaid ? [...moves, moveRow(unsaid, moves.length, { ...at0, coldkey })] : moves;
  return { hotkey, block, epoch, moves: all, snapshot: null, account };
}

type Move = Omit<Hashed<StakeMove>, 'kind'> & { readonly kind: MoveKind };

/** What an event did without naming it: the change of the stake says. */
function unsaidMove(events: StakeEvents | null, rest: bigint): Move | null {
  const kind = events?.unsaid ?? 'other';
  if (rest === 0n && kind !== 'dissolved') return null;
  return {
    kind: isRounding(rest) && kind !== 'dissolved' ? 'other' : kind,
    ...{ alpha: rest, taoRao: kind === 'dissolved' ? (events?.refundRao ?? null) : null },
    ...{ fee: null, txHash: null },
  };
}

type Moment = Pick<EpochRow, 'hotkey' | 'block' | 'atMs'> & { readonly priceRao: Rao | null };

/**
 * Pay of an epoch. A subnet's owner has none for its miners: what they earn is announced like that of others, and then
 * burnt or recycled, so it never reaches the stake.
 */
async function payOf(
  { chain, hotkey, coldkey }: BookingOptions,
  events: StakeEvents | null,
  moment: Moment,
  signal: AbortSignal,
): Promise<{ readonly epoch: EpochRow | null; readonly withheld: Move | null }> {
  const none = { epoch: null, withheld: null };
  if (!events?.incentives) return none;
  // The epoch runs before the block's own registrations: the uids are those of the state before it.
  const parent = await chain.blockHash(Math.max(0, moment.block - 1), signal);
  const [uid, owner] = await Promise.all([chain.uidOf(hotkey, parent, signal), chain.owner(parent, signal)]);
  const alpha: AlphaRao | undefined = uid === null ? undefined : events.incentives[uid];
  if (uid === null || alpha === undefined) return none;
  const isOwners = owner.coldkey === coldkey || owner.hotkey === hotkey;
  // Of an epoch that announced nothing, nothing was kept: it is no pay of zero either.
  if (isOwners && alpha === 0n) return none;
  if (isOwners)
    // All that went in is the fee: nothing came out.
    return { epoch: null, withheld: { kind: 'withheld', alpha: 0n, taoRao: null, fee: alpha, txHash: null } };
  return { epoch: { ...moment, uid, alpha, valueRao: worthOf(alpha, moment.priceRao) }, withheld: null };
}

const moveRow = (
  { kind, alpha, taoRao, fee, txHash }: Move,
  seq: number,
  moment: Moment & Pick<MoveRow, 'coldkey'>,
): MoveRow => ({ ...moment, seq, kind, alpha, taoRao, feeRao: fee, txHash });

const accountOf = (
  events: StakeEvents | null,
  coldkey: StakeOwner['coldkey'],
  { block, atMs }: Moment,
): BookedBlock['account'] =>
  events && events.account.length > 0
    ? { coldkey, moves: events.account.map((move) => ({ ...move, block, atMs })) }
    : null;
