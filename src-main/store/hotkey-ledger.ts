import { join } from 'node:path';
import type { AccountEntry, EarningsHistory } from '../../src-shared/contract/page/earnings.ts';
import type { AccountPart, LedgerParts, OfColdkey, StakePart, Trade } from './ledger-parts.ts';
import type { BookedBlock, EpochBooking, OwnMoveRow, OwnTransactionRow, StakeSnapshot } from './rows.ts';
import { TERMINAL_FOLDER } from './terminal-folder.ts';
import type { Operation, Operations } from './thread.ts';

/** The ledger of one chain and subnet, as earnings book into it. Every write has been synced when it resolves. */
export interface HotkeyLedger {
  /** A block whole or not at all; booking it again changes nothing. What was looked at never moves backwards. */
  bookBlock(booked: BookedBlock): Promise<void>;
  /** Newest first. */
  lastEpochs(hotkey: string, limit: number): Promise<readonly EpochBooking[]>;
  /** Oldest first, from that moment on, here and below. */
  epochsSince(hotkey: string, sinceMs: number): Promise<readonly EpochBooking[]>;
  snapshotsSince(hotkey: string, sinceMs: number): Promise<readonly StakeSnapshot[]>;
  movesSince(hotkey: string, sinceMs: number): Promise<readonly OwnMoveRow[]>;
  /** @param newest as `historyOf` has it */
  history(hotkey: string, newest: number | null): Promise<EarningsHistory>;
  /** What pay and moves together changed the stake by, in the blocks between these two. */
  bookedBetween(hotkey: string, after: number, before: number): Promise<bigint>;
  lastSnapshot(hotkey: string): Promise<StakeSnapshot | null>;
  /** Newest block whose events were looked at; null before the first. */
  scannedBlock(hotkey: string): Promise<number | null>;
}

export type Ask = <O extends Operation>(
  operation: O,
  argument: Parameters<Operations[O]>[0],
) => Promise<ReturnType<Operations[O]>>;

export const hotkeyLedger = (ask: Ask, genesisHash: string, netuid: number): HotkeyLedger => {
  const chain = `${genesisHash}/${netuid}`;
  return {
    bookBlock: (booked) => ask('bookBlock', { chain, booked }),
    lastEpochs: (hotkey, limit) => ask('lastEpochs', { chain, hotkey, limit }),
    epochsSince: (hotkey, sinceMs) => ask('epochsSince', { chain, hotkey, sinceMs }),
    snapshotsSince: (hotkey, sinceMs) => ask('snapshotsSince', { chain, hotkey, sinceMs }),
    movesSince: (hotkey, sinceMs) => ask('movesSince', { chain, hotkey, sinceMs }),
    history: (hotkey, newest) => ask('history', { chain, hotkey, netuid, newest }),
    bookedBetween: (hotkey, after, before) => ask('bookedBetween', { chain, hotkey, after, before }),
    lastSnapshot: (hotkey) => ask('lastSnapshot', { chain, hotkey }),
    scannedBlock: (hotkey) => ask('scannedBlock', { chain, hotkey }),
  };
};

/** The same reads for the host, and for a command that opened the file itself. */
export interface PartReads {
  stake(query: Parameters<LedgerParts['stakePart']>[0]): Promise<StakePart>;
  account(query: Parameters<LedgerParts['accountPart']>[0]): Promise<AccountPart>;
  hashes(query: Parameters<LedgerParts['bookedHashes']>[0]): Promise<readonly string[]>;
  paidElsewhere(query: Parameters<LedgerParts['paidElsewhere']>[0]): Promise<readonly AccountEntry[]>;
  areMoves(trades: readonly Trade[]): Promise<readonly boolean[]>;
  /** What was signed with a coldkey, here and at Butterfly's own terminal: the newest `limit` of each, newest first. */
  orders(query: OfColdkey & { readonly limit: number }): Promise<readonly OwnTransactionRow[]>;
}

export const partReads = (ask: Ask, dataDir: string): PartReads => ({
  stake: (query) => ask('stakePart', query),
  account: (query) => ask('accountPart', query),
  hashes: (query) => ask('bookedHashes', query),
  paidElsewhere: (query) => ask('paidElsewhere', query),
  areMoves: (trades) => ask('areMoves', trades),
  orders: (query) => ask('transactionsOf', { ...query, folders: [join(dataDir, TERMINAL_FOLDER)] }),
});
