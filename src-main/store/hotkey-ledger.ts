import type { EpochBooking, StakeSnapshot } from './rows.ts';
import type { Operation, Operations } from './thread.ts';

/** The ledger of one chain and subnet, as earnings book into it. Every write has been synced when it resolves. */
export interface HotkeyLedger {
  /** Writing a row again under the same hotkey and block changes nothing. */
  bookEpoch(row: EpochBooking): Promise<void>;
  snapshot(row: StakeSnapshot): Promise<void>;
  /** Newest first. */
  lastEpochs(hotkey: string, limit: number): Promise<readonly EpochBooking[]>;
  /** Oldest first, from that moment on. */
  epochsSince(hotkey: string, sinceMs: number): Promise<readonly EpochBooking[]>;
  lastSnapshot(hotkey: string): Promise<StakeSnapshot | null>;
  /** Newest block whose events were looked at; null before the first. */
  scannedBlock(hotkey: string): Promise<number | null>;
  /** Never moves backwards. */
  setScannedBlock(hotkey: string, block: number): Promise<void>;
}

export type Ask = <O extends Operation>(
  operation: O,
  argument: Parameters<Operations[O]>[0],
) => Promise<ReturnType<Operations[O]>>;

export const hotkeyLedger = (ask: Ask, genesisHash: string, netuid: number): HotkeyLedger => {
  const chain = `${genesisHash}/${netuid}`;
  return {
    bookEpoch: (row) => ask('bookEpoch', { chain, row }),
    snapshot: (row) => ask('snapshot', { chain, row }),
    lastEpochs: (hotkey, limit) => ask('lastEpochs', { chain, hotkey, limit }),
    epochsSince: (hotkey, sinceMs) => ask('epochsSince', { chain, hotkey, sinceMs }),
    lastSnapshot: (hotkey) => ask('lastSnapshot', { chain, hotkey }),
    scannedBlock: (hotkey) => ask('scannedBlock', { chain, hotkey }),
    setScannedBlock: (hotkey, block) => ask('setScannedBlock', { chain, hotkey, block }),
  };
};
