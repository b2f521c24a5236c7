import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Writes all of it at a position, or throws. The one place where the journal meets the disk, so that tests can fill it. */
export type WriteAt = (file: number, bytes: Uint8Array, position: number) => void;

export const writeAt: WriteAt = (file, bytes, position) => {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
};

/** Where the last line begins, of so many bytes of whole lines. */
export function lastLineStart(file: number, bytes: number): number {
  const chunk = Buffer.alloc(TAIL_BYTES);
  for (let end = bytes - 1; end > 0; end -= Math.min(end, TAIL_BYTES)) {
    const start = Math.max(0, end - TAIL_BYTES);
    const read = readSync(file, chunk, 0, end - start, start);
    const at = chunk.subarray(0, read).lastIndexOf(LINE_FEED);
    if (at >= 0) return start + at + 1;
  }
  return 0;
}

const TAIL_BYTES = 64 * 1024;
const LINE_FEED = 10;

/** Each segment lies in two files with the same lines, so that one may be damaged anywhere. */
export const COPIES = ['log', 'twin'] as const;
export type CopyName = (typeof COPIES)[number];

const NAME = /^blocks-(\d{10})\.(?:log|twin)$/;
const DRAFT = '.tmp';

/** The files of a journal's folder: blocks by the number of their segment's first. */
export class JournalFiles {
  readonly dir: string;
  readonly #write: WriteAt;

  constructor(dir: string, write: WriteAt) {
    this.dir = dir;
    this.#write = write;
  }

  path(first: number, copy: CopyName): string {
    return join(this.dir, `blocks-${String(first).padStart(10, '0')}.${copy}`);
  }

  /** First block numbers of the segments that have at least one file, rising. */
  segments(): number[] {
    const found = readdirSync(this.dir).flatMap((name) => NAME.exec(name)?.[1] ?? []);
    return [...new Set(found.map(Number))].sort((a, b) => a - b);
  }

  /** Null where there is no such file. */
  read(first: number, copy: CopyName): Buffer | null {
    const path = this.path(first, copy);
    return existsSync(path) ? readFileSync(path) : null;
  }

  /** Drafts are files that never got their name: a crash cut them short. */
  removeDrafts(): void {
    for (const name of readdirSync(this.dir)) if (name.endsWith(DRAFT)) rmSync(join(this.dir, name));
  }

  /** The file appears whole or not at all; one that is in its place is moved aside. */
  replace(first: number, copy: CopyName, text: string): void {
    this.#draft(first, copy, text);
    this.setAside(first, copy);
    renameSync(this.path(first, copy) + DRAFT, this.path(first, copy));
    this.#syncFolder();
  }

  /** Both files of a new segment: neither appears before there was room for both. */
  create(first: number, text: string): void {
    for (const copy of COPIES) this.#draft(first, copy, text);
    for (const copy of COPIES) renameSync(this.path(first, copy) + DRAFT, this.path(first, copy));
    this.#syncFolder();
  }

  /** Keeps the whole lines of a file, and adds to them. */
  complete(first: number, copy: CopyName, keepBytes: number, text: string): void {
    const file = openSync(this.path(first, copy), 'r+');
    try {
      ftruncateSync(file, keepBytes);
      this.#write(file, Buffer.from(text), keepBytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  size(first: number, copy: CopyName): number {
    return statSync(this.path(first, copy)).size;
  }

  /** Renames a file, if there is one, so that it stays for whoever can make something of it. */
  setAside(first: number, copy: CopyName): void {
    const path = this.path(first, copy);
    if (!existsSync(path)) return;
    let n = 1;
    while (existsSync(`${path}.damaged-${n}`)) n++;
    renameSync(path, `${path}.damaged-${n}`);
    this.#syncFolder();
  }

  /** Removes a segment that no history needs any more. */
  remove(first: number): void {
    for (const copy of COPIES) rmSync(this.path(first, copy), { force: true });
  }

  #draft(first: number, copy: CopyName, text: string): void {
    const path = this.path(first, copy) + DRAFT;
    const file = openSync(path, 'w');
    try {
      this.#write(file, Buffer.from(text), 0);
      fsyncSync(file);
    } catch (thrown) {
      // Half a draft is of no use and takes room where there is none.
      rmSync(path, { force: true });
      throw thrown;
    } finally {
      closeSync(file);
    }
  }

  #syncFolder(): void {
    if (process.platform === 'win32') return;
    const folder = openSync(this.dir, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
