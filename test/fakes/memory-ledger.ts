import type { EarningsLedger, EpochRow, SnapshotRow } from '../../src-main/earnings/ledger.ts';

/** A ledger that keeps its rows in memory, with the same rules as the one on disk. */
export class MemoryLedger implements EarningsLedger {
  readonly epochs: EpochRow[] = [];
  readonly snapshots: SnapshotRow[] = [];
  readonly #scanned = new Map<string, number>();

  async bookEpoch(row: EpochRow): Promise<void> {
    if (this.epochs.some((e) => e.hotkey === row.hotkey && e.block === row.block)) return;
    this.epochs.push(row);
    this.epochs.sort((a, b) => a.block - b.block);
  }

  async snapshot(row: SnapshotRow): Promise<void> {
    if (this.snapshots.some((s) => s.hotkey === row.hotkey && s.block === row.block)) return;
    this.snapshots.push(row);
    this.snapshots.sort((a, b) => a.block - b.block);
  }

  async lastEpochs(hotkey: string, limit: number): Promise<readonly EpochRow[]> {
    return this.epochs
      .filter((e) => e.hotkey === hotkey)
      .reverse()
      .slice(0, limit);
  }

  async epochsSince(hotkey: string, sinceMs: number): Promise<readonly EpochRow[]> {
    return this.epochs.filter((e) => e.hotkey === hotkey && e.atMs >= sinceMs);
  }

  async lastSnapshot(hotkey: string): Promise<SnapshotRow | null> {
    return this.snapshots.findLast((s) => s.hotkey === hotkey) ?? null;
  }

  async scannedBlock(hotkey: string): Promise<number | null> {
    return this.#scanned.get(hotkey) ?? null;
  }

  async setScannedBlock(hotkey: string, block: number): Promise<void> {
    this.#scanned.set(hotkey, Math.max(block, this.#scanned.get(hotkey) ?? 0));
  }
}
