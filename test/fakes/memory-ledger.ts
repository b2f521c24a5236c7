import type {
  BookedBlock,
  EarningsLedger,
  EpochRow,
  MoveRow,
  SnapshotRow,
} from '../../src-main/earnings/ledger.ts';
import type { EarningsHistory } from '../../src-shared/contract/page/earnings.ts';
import { historyOf } from '../../src-shared/earnings/history.ts';
import { ss58 } from '../../src-shared/units.ts';

/** A ledger that keeps its rows in memory, with the same rules as the one on disk. */
export class MemoryLedger implements EarningsLedger {
  readonly epochs: EpochRow[] = [];
  readonly moves: MoveRow[] = [];
  readonly snapshots: SnapshotRow[] = [];
  readonly #scanned = new Map<string, number>();

  async bookBlock({ hotkey, block, epoch, moves, snapshot }: BookedBlock): Promise<void> {
    if (epoch) keep(this.epochs, epoch);
    for (const move of moves) keep(this.moves, move);
    if (snapshot) keep(this.snapshots, snapshot);
    this.#scanned.set(hotkey, Math.max(block, this.#scanned.get(hotkey) ?? 0));
  }

  async lastEpochs(hotkey: string, limit: number): Promise<readonly EpochRow[]> {
    return this.epochs
      .filter((e) => e.hotkey === hotkey)
      .reverse()
      .slice(0, limit);
  }

  async epochsSince(hotkey: string, sinceMs: number): Promise<readonly EpochRow[]> {
    return since(this.epochs, hotkey, sinceMs);
  }

  async snapshotsSince(hotkey: string, sinceMs: number): Promise<readonly SnapshotRow[]> {
    return since(this.snapshots, hotkey, sinceMs);
  }

  async movesSince(hotkey: string, sinceMs: number): Promise<readonly MoveRow[]> {
    return since(this.moves, hotkey, sinceMs);
  }

  async history(hotkey: string, newest: number | null): Promise<EarningsHistory> {
    const all = [hotkey, 0] as const;
    const [epochs, moves] = [await this.epochsSince(...all), await this.movesSince(...all)];
    const rows = { epochs, moves, snapshots: await this.snapshotsSince(...all) };
    return historyOf(rows, { hotkey: ss58(hotkey), netuid: 38 }, newest);
  }

  async bookedBetween(hotkey: string, after: number, before: number): Promise<bigint> {
    return [...this.epochs, ...this.moves]
      .filter((row) => row.hotkey === hotkey && row.block > after && row.block < before)
      .reduce((sum, { alpha }) => sum + alpha, 0n);
  }

  async lastSnapshot(hotkey: string): Promise<SnapshotRow | null> {
    return this.snapshots.findLast((s) => s.hotkey === hotkey) ?? null;
  }

  async scannedBlock(hotkey: string): Promise<number | null> {
    return this.#scanned.get(hotkey) ?? null;
  }
}

interface Row {
  readonly hotkey: string;
  readonly block: number;
  readonly seq?: number;
}

/** The first row of a place stands. */
function keep<R extends Row>(rows: R[], row: R): void {
  const isSame = (one: R) => one.hotkey === row.hotkey && one.block === row.block && one.seq === row.seq;
  if (rows.some(isSame)) return;
  rows.push(row);
  rows.sort((a, b) => a.block - b.block || (a.seq ?? 0) - (b.seq ?? 0));
}

const since = <R extends Row & { readonly atMs: number }>(
  rows: readonly R[],
  hotkey: string,
  sinceMs: number,
): readonly R[] => rows.filter((row) => row.hotkey === hotkey && row.atMs >= sinceMs);
