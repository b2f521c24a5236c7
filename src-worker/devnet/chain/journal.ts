import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { SEGMENT_BLOCKS } from '../limits.ts';
import { fromHex, toHex } from '../scale/hex.ts';
import type { Block, Header } from './header.ts';
import type { Change } from './history.ts';

/**
 * The chain on disk: files of one full state and the blocks after it, one line each, a checksum before each line.
 * A line is synced before anybody hears of its block. A torn last line is cut off when the file is opened again; a
 * new file appears under its name only when it is whole. The two newest files hold a full history.
 */
export interface BlockRecord {
  readonly block: Block;
  readonly changes: readonly Change[];
}

export interface Snapshot {
  readonly block: Block;
  readonly genesisHash: string;
  readonly state: readonly Change[];
  /** Hashes of earlier blocks by number, for clients that ask. */
  readonly hashes: readonly (readonly [number, string])[];
}

export interface Recovered {
  readonly snapshot: Snapshot;
  readonly records: readonly BlockRecord[];
}

const NAME = /^blocks-(\d{10})\.log$/;
const CHECKSUM_CHARS = 16;

export class Journal {
  readonly #dir: string;
  #file: number | null = null;
  #first = 0;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Opens a folder, creating it where needed. @returns what it holds, or null for a new chain. */
  static open(
    dir: string,
    genesisHash: string,
  ): { readonly journal: Journal; readonly recovered: Recovered | null } {
    mkdirSync(dir, { recursive: true });
    const journal = new Journal(dir);
    for (const name of readdirSync(dir)) if (name.endsWith('.tmp')) rmSync(join(dir, name));
    return { journal, recovered: journal.#recover(genesisHash) };
  }

  /** True when the next block should start a new file. */
  isFull(number: number): boolean {
    return number - this.#first >= SEGMENT_BLOCKS;
  }

  /** Starts a new file with a full state, and drops files that no history needs. */
  begin(snapshot: Snapshot): void {
    const { number } = snapshot.block.header;
    const path = join(this.#dir, fileName(number));
    const temporary = `${path}.tmp`;
    const file = openSync(temporary, 'w');
    writeFileSync(file, framed(snapshotJson(snapshot)));
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, path);
    this.#reopen(number);
    for (const old of this.#files().slice(0, -2)) rmSync(join(this.#dir, fileName(old)));
  }

  append(record: BlockRecord): void {
    if (this.#file === null) return;
    try {
      writeFileSync(this.#file, framed(recordJson(record)));
      fdatasyncSync(this.#file);
    } catch (cause) {
      // What was written of the line is cut off when the file is opened again.
      throw isDiskFull(cause) ? new AppError('DISK_FULL', { path: this.#dir }, cause) : cause;
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #recover(genesisHash: string): Recovered | null {
    const firsts = this.#files().slice(-2);
    const parts = firsts.map((first) => this.#readFile(first)).filter((part) => part !== null);
    const oldest = parts[0];
    if (!oldest) return null;
    if (oldest.snapshot.genesisHash !== genesisHash)
      throw new AppError('DEVNET_STATE_FOREIGN', { path: this.#dir });
    this.#reopen(parts.at(-1)?.snapshot.block.header.number ?? 0);
    const records = parts.flatMap((part) => part.records);
    if (isUnbroken(oldest.snapshot, records)) return { snapshot: oldest.snapshot, records };
    return parts.at(-1) ?? null; // the older file lost its end; the newer one stands by itself
  }

  #readFile(first: number): Recovered | null {
    const path = join(this.#dir, fileName(first));
    const { lines, wholeBytes } = wholeLines(readFileSync(path));
    const [head, ...rest] = lines;
    if (head === undefined) {
      rmSync(path); // renamed into place whole, so this is damage: the file before it still holds its state
      return null;
    }
    const file = openSync(path, 'r+');
    ftruncateSync(file, wholeBytes);
    closeSync(file);
    return { snapshot: parseSnapshot(head), records: rest.map(parseRecord) };
  }

  #reopen(first: number): void {
    this.close();
    this.#first = first;
    this.#file = openSync(join(this.#dir, fileName(first)), 'a');
  }

  #files(): number[] {
    if (!existsSync(this.#dir)) return [];
    return readdirSync(this.#dir)
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }
}

const isDiskFull = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC';

const isUnbroken = (snapshot: Snapshot, records: readonly BlockRecord[]): boolean =>
  records.every(({ block }, i) => block.header.number === snapshot.block.header.number + 1 + i);

const fileName = (first: number): string => `blocks-${String(first).padStart(10, '0')}.log`;

const checksum = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, CHECKSUM_CHARS);

const framed = (value: unknown): string => {
  const text = JSON.stringify(value);
  return `${checksum(text)} ${text}\n`;
};

/** Lines up to the first that is cut or does not match its checksum. */
function wholeLines(bytes: Buffer): { readonly lines: string[]; readonly wholeBytes: number } {
  const lines: string[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    const line = bytes.toString('utf8', from, end);
    const text = line.slice(CHECKSUM_CHARS + 1);
    if (checksum(text) !== line.slice(0, CHECKSUM_CHARS)) break;
    lines.push(text);
    from = end + 1;
  }
  return { lines, wholeBytes: from };
}

type ChangeJson = readonly [string, string | null];
interface BlockJson {
  readonly header: Header;
  readonly hash: string;
  readonly extrinsics: readonly string[];
}

const changesJson = (changes: readonly Change[]): ChangeJson[] =>
  changes.map(([key, value]) => [key, value && toHex(value)]);
const parseChanges = (changes: readonly ChangeJson[]): Change[] =>
  changes.map(([key, value]) => [key, value === null ? null : fromHex(value)]);
const blockJson = ({ hash, header, extrinsics }: Block): BlockJson => ({
  hash,
  header,
  extrinsics: extrinsics.map(toHex),
});
const parseBlock = ({ hash, header, extrinsics }: BlockJson): Block => ({
  hash,
  header,
  extrinsics: extrinsics.map(fromHex),
});

const recordJson = ({ block, changes }: BlockRecord) => ({
  block: blockJson(block),
  changes: changesJson(changes),
});
const snapshotJson = ({ block, genesisHash, state, hashes }: Snapshot) => ({
  block: blockJson(block),
  genesisHash,
  state: changesJson(state),
  hashes,
});

function parseRecord(text: string): BlockRecord {
  const { block, changes } = JSON.parse(text);
  return { block: parseBlock(block), changes: parseChanges(changes) };
}

function parseSnapshot(text: string): Snapshot {
  const { block, genesisHash, state, hashes } = JSON.parse(text);
  return { block: parseBlock(block), genesisHash, state: parseChanges(state), hashes };
}
