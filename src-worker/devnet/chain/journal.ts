import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, readSync } from 'node:fs';
import { diskError } from '../../../src-node/disk-error.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { SEGMENT_BLOCKS } from '../limits.ts';
import { COPIES, JournalFiles, lastLineStart, type WriteAt, writeAt } from './journal-files.ts';
import { type BlockRecord, framed, recordText, type Snapshot, snapshotText } from './journal-line.ts';
import { type BlockRange, type Recovery, type Repair, recover } from './recovery.ts';

/**
 * The chain on disk: segments of one full state and the blocks after it, each in two files with the same lines, a
 * checksum before each line. A line is synced in both before anybody hears of its block. The two newest segments hold
 * a full history.
 */
export interface OpenedJournal {
  readonly journal: Journal;
  /** Null for a new chain, and for one of which nothing is left. */
  readonly recovered: { readonly snapshot: Snapshot; readonly records: readonly BlockRecord[] } | null;
  readonly lost: BlockRange | null;
  /** What a person should know of the damage that was found. */
  readonly notices: readonly AppError[];
}

interface OpenFile {
  readonly file: number;
  /** Length of its whole lines. */
  bytes: number;
  /** Whether a write failed half way: what lies behind the whole lines goes before the next one. */
  isDirty: boolean;
}

export class Journal {
  readonly #files: JournalFiles;
  readonly #write: WriteAt;
  #open: OpenFile[] = [];
  #first = 0;
  /** A segment whose files are to go, both of them. */
  #gone: number | null = null;
  /** The line of a cut that failed: one file may have it still, or both, or neither. */
  #half: { readonly start: number; readonly line: Uint8Array } | null = null;
  /** Repairs that the disk had no room for. */
  #owed: Repair[] = [];

  private constructor(dir: string, write: WriteAt) {
    this.#files = new JournalFiles(dir, write);
    this.#write = write;
  }

  /**
   * Opens a folder, creating it where needed.
   * @param genesis the state at block 0, which the folder's chain has to have begun with
   * @throws {AppError} DEVNET_STATE_FOREIGN; the folder stays as it is
   */
  static open(dir: string, genesis: Snapshot, write: WriteAt = writeAt): OpenedJournal {
    try {
      mkdirSync(dir, { recursive: true });
      return new Journal(dir, write).#recover(genesis);
    } catch (thrown) {
      throw diskError(thrown, dir);
    }
  }

  /** True when the next block should start a new segment. */
  isFull(number: number): boolean {
    return number - this.#first >= SEGMENT_BLOCKS;
  }

  /** Starts a new segment with a full state, and drops segments that no history needs. @throws {AppError} DISK_FULL */
  begin(snapshot: Snapshot): void {
    this.#onDisk(() => {
      const { number } = snapshot.block.header;
      this.#files.create(number, framed(snapshotText(snapshot)));
      this.#reopen(number);
      for (const old of this.#files.segments().slice(0, -2)) this.#files.remove(old);
    });
  }

  /** @throws {AppError} DISK_FULL; then nothing has happened, and the same call may be made again */
  append(record: BlockRecord): void {
    this.#onDisk(() => {
      this.#repair();
      const line = Buffer.from(framed(recordText(record)));
      for (const copy of this.#open) this.#writeLine(copy, line);
      for (const copy of this.#open) {
        copy.bytes += line.length;
        copy.isDirty = false;
      }
    });
  }

  /**
   * Takes the newest block off. At every instant the files are such as a crash while it was written could have left, so
   * that whoever opens them finds this block still there, or gone.
   * @throws {AppError} what the disk says; then the block is there, and the same call may be made again
   */
  dropNewest(number: number): void {
    this.#onDisk(() => {
      this.#repair();
      // A segment begins with the state at a block whose own line is the last of the segment before.
      if (number === this.#first) this.#dropSegment();
      const [log, twin] = this.#open;
      if (!log || !twin) return;
      const start = lastLineStart(log.file, log.bytes);
      const line = Buffer.alloc(log.bytes - start);
      readSync(log.file, line, 0, line.length, start);
      this.#half = { start, line };
      for (const copy of [twin, log]) this.#cut(copy, start);
      this.#half = null;
    });
  }

  #dropSegment(): void {
    this.close();
    this.#gone = this.#first;
    this.#repair();
  }

  #cut(copy: OpenFile, bytes: number): void {
    ftruncateSync(copy.file, bytes);
    copy.bytes = bytes;
    fdatasyncSync(copy.file);
    copy.isDirty = false;
  }

  /** Both files have the line again that a cut was to take from them. */
  #level(): void {
    if (!this.#half) return;
    const { start, line } = this.#half;
    for (const copy of this.#open) {
      copy.bytes = start;
      copy.isDirty = true;
      this.#writeLine(copy, line);
      copy.bytes = start + line.length;
      copy.isDirty = false;
    }
    this.#half = null;
  }

  close(): void {
    for (const { file } of this.#open.splice(0)) closeSync(file);
  }

  #writeLine(copy: OpenFile, line: Uint8Array): void {
    if (copy.isDirty) ftruncateSync(copy.file, copy.bytes);
    copy.isDirty = true;
    this.#write(copy.file, line, copy.bytes);
    fdatasyncSync(copy.file);
  }

  #recover(genesis: Snapshot): OpenedJournal {
    this.#files.removeDrafts();
    const recovery = recover(this.#files, genesis);
    const { snapshot, records, lost } = recovery;
    if (snapshot && snapshot.genesisHash !== genesis.genesisHash)
      throw new AppError('DEVNET_STATE_FOREIGN', { path: this.#files.dir });
    this.#owed = [...recovery.repairs];
    try {
      this.#repair();
    } catch (thrown) {
      // Reading needs no room. The repair is made before the next block is written.
      if ((diskError(thrown, '') as AppError).code !== 'DISK_FULL') throw thrown;
    }
    const recovered = snapshot && { snapshot, records };
    return { journal: this, recovered, lost, notices: this.#notices(recovery) };
  }

  #repair(): void {
    for (let [repair] = this.#owed; repair; [repair] = this.#owed) {
      this.#carryOut(repair);
      this.#owed.shift();
    }
    if (this.#gone !== null) this.#files.remove(this.#gone);
    this.#gone = null;
    const newest = this.#files.segments().at(-1);
    if (this.#open.length === 0 && newest !== undefined) this.#reopen(newest);
    this.#level();
  }

  #carryOut(repair: Repair): void {
    const { first, copy } = repair;
    const text = repair.kind === 'complete' ? repair.add : repair.lines;
    const bytes = text.map(framed).join('');
    if (repair.kind === 'complete') this.#files.complete(first, copy, repair.keepBytes, bytes);
    else if (bytes === '') this.#files.setAside(first, copy);
    else this.#files.replace(first, copy, bytes);
  }

  #reopen(first: number): void {
    this.close();
    this.#first = first;
    this.#open = COPIES.map((copy) => {
      const file = openSync(this.#files.path(first, copy), 'r+');
      return { file, bytes: this.#files.size(first, copy), isDirty: false };
    });
  }

  #notices({ lost, lostHistory, repairs }: Recovery): AppError[] {
    const path = this.#files.dir;
    if (lost) return [new AppError('DEVNET_BLOCKS_LOST', { path, ...lost })];
    if (lostHistory) return [new AppError('DEVNET_HISTORY_LOST', { path, ...lostHistory })];
    const isNews = repairs.some((repair) => repair.kind === 'replace' && repair.isNews);
    return isNews ? [new AppError('DEVNET_JOURNAL_REPAIRED', { path })] : [];
  }

  #onDisk(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      throw diskError(thrown, this.#files.dir);
    }
  }
}
