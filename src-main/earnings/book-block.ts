import { worthOf } from '../../src-shared/earnings/worth.ts';
import { type AlphaRao, alphaRao, type Hex, type Rao } from '../../src-shared/units.ts';
import type { ConnectedChain } from '../network/client.ts';
import type { StakeEvents, StakeMove, StakeOwner } from '../network/reads/stake-events.ts';
import { isRounding } from './book.ts';
import type { BookedBlock, EarningsLedger, EpochRow, MoveRow, SnapshotRow } from './ledger.ts';

export type BookingChain = Pick<
  ConnectedChain,
  'blockHash' | 'stake' | 'alphaPrice' | 'stakeEvents' | 'blockTimeMs' | 'uidOf'
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
  const epoch = await epochOf(options, events, at0, signal);
  const moves = (events?.moves ?? []).map((move, seq) => moveRow(move, seq, { ...at0, coldkey }));
  // A block that is read again after the snapshot of a later one is booked already.
  if (before && before.block >= block) return { hotkey, block, epoch, moves, snapshot: null };
  const known = before ? await ledger.bookedBetween(hotkey, before.block, block) : 0n;
  const here = moves.reduce((sum, { alpha }) => sum + alpha, epoch?.alpha ?? 0n);
  const rest = before ? stakeAlpha - before.stakeAlpha - known - here : null;
  const isEpoch = events?.incentives != null;
  if (isEpoch || stretch !== 'next' || !before) {
    const snapshot: SnapshotRow = {
      ...{ hotkey, coldkey, block, atMs: at0.atMs, stakeAlpha, priceRao },
      residualAlpha: rest === null ? null : alphaRao(rest),
      method: before && (stretch !== 'next' || before.method === null) ? 'delta' : 'event',
    };
    return { hotkey, block, epoch, moves, snapshot };
  }
  const unsaid = unsaidMove(events, rest ?? 0n);
  const all = unsaid ? [...moves, moveRow(unsaid, moves.length, { ...at0, coldkey })] : moves;
  return { hotkey, block, epoch, moves: all, snapshot: null };
}

/** What an event did without naming it: the change of the stake says. */
function unsaidMove(events: StakeEvents | null, rest: bigint): StakeMove | null {
  const kind = events?.unsaid ?? 'other';
  if (rest === 0n && kind !== 'dissolved') return null;
  return {
    kind: isRounding(rest) && kind !== 'dissolved' ? 'other' : kind,
    alpha: rest,
    taoRao: null,
    fee: null,
  };
}

type Moment = Pick<EpochRow, 'hotkey' | 'block' | 'atMs'> & { readonly priceRao: Rao | null };

async function epochOf(
  { chain, hotkey }: BookingOptions,
  events: StakeEvents | null,
  moment: Moment,
  signal: AbortSignal,
): Promise<EpochRow | null> {
  if (!events?.incentives) return null;
  // The epoch runs before the block's own registrations: the uids are those of the state before it.
  const parent = await chain.blockHash(Math.max(0, moment.block - 1), signal);
  const uid = await chain.uidOf(hotkey, parent, signal);
  const alpha: AlphaRao | undefined = uid === null ? undefined : events.incentives[uid];
  if (uid === null || alpha === undefined) return null;
  return { ...moment, uid, alpha, valueRao: worthOf(alpha, moment.priceRao) };
}

const moveRow = (
  { kind, alpha, taoRao, fee }: StakeMove,
  seq: number,
  moment: Moment & Pick<MoveRow, 'coldkey'>,
): MoveRow => ({ ...moment, seq, kind, alpha, taoRao, feeRao: fee });
