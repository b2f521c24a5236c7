import { type FileHandle, open, readdir, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { pageOf, rowGroupOf, shardOf } from '../../../src-shared/pages.ts';
import type { Disk, Told } from '../state/disk.ts';
import { KEPT_PAGE_MAX_BYTES } from './limits.ts';
import { bytesToTokens, sequenceCount, tokensToBytes } from './packing.ts';
import type { Page } from './page-source.ts';

const SEAL_BYTES = 32;

interface Kept {
  readonly bytes: number;
  usedAtMs: number;
}

export interface KeptPagesOptions {
  /** Of all data sets of this run's folder, each below it under its key. */
  readonly folder: string;
  /** Names manifest, column, tokenizer and context: what a page's tokens depend on. */
  readonly key: string;
  readonly context: number;
  readonly quotaBytes: number;
  readonly disk: Disk;
  readonly told: Told;
}

/**
 * Pages that were made once, as packed tokens: `KEY/SHARD/ROWGROUP.u16`, u16 little endian, closed by their SHA-256, which is
 * the page's digest too. They take so many bytes at most, the longest unused going first, those of other data sets among
 * them. One that is damaged is told, dropped, and made anew.
 */
export class KeptPages {
  readonly #options: KeptPagesOptions;
  /** By path below the folder. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  private constructor(options: KeptPagesOptions) {
    this.#options = options;
  }

  static async open(options: KeptPagesOptions): Promise<KeptPages> {
    const pages = new KeptPages(options);
    await options.disk.makeFolder(options.folder);
    await pages.#scan();
    // The quota may have been larger when they were kept, and may be nothing now.
    await pages.#makeRoom(0);
    return pages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Numbers of the pages that are here of this data set, in their order. */
  list(): readonly number[] {
    const prefix = `${this.#options.key}/`;
    const names = [...this.#kept.keys()].filter((name) => name.startsWith(prefix));
    return names.map(pageNamed).toSorted((a, b) => a - b);
  }

  /** null where it is not here, or was damaged. */
  async read(page: number): Promise<Page | null> {
    const name = this.#nameOf(page);
    const kept = this.#kept.get(name);
    if (!kept) return null;
    const path = join(this.#options.folder, name);
    const tokens = await readSealed(path).catch(() => null);
    const { context } = this.#options;
    const sequences = tokens ? sequenceCount(tokens.tokens.length, context) : 0;
    if (!tokens || tokens.tokens.length !== (sequences === 0 ? 0 : sequences * context + 1)) {
      await this.#drop(name);
      this.#options.told.notice(new AppError('TEXT_KEPT_DAMAGED', { path }));
      return null;
    }
    kept.usedAtMs = Date.now();
    // For the order after a restart; that it fails on some file systems costs nothing else.
    void utimes(path, new Date(kept.usedAtMs), new Date(kept.usedAtMs)).catch(() => {});
    return { index: page, sequences, ...tokens };
  }

  /** Keeps it if there is room: what is full, the quota or the disk, costs a page once more, and training nothing. */
  async keep(page: Page): Promise<void> {
    const name = this.#nameOf(page.index);
    const bytes = 2 * page.tokens.length + SEAL_BYTES;
    const { disk, folder, quotaBytes } = this.#options;
    if (bytes > quotaBytes || this.#kept.has(name)) return;
    await this.#makeRoom(bytes);
    const path = join(folder, name);
    try {
      await disk.makeFolder(dirname(path));
      // The page's own digest is its seal: it is checked and told by one hash.
      const seal = Buffer.from(page.sha256, 'hex');
      await disk.write(path, [tokensToBytes(page.tokens), seal], { seal: false });
    } catch {
      // Told by the disk itself where it is full.
      return;
    }
    this.#enter(name, { bytes, usedAtMs: Date.now() });
  }

  async #scan(): Promise<void> {
    const { folder, disk } = this.#options;
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1).replaceAll('\\', '/');
      if (name.endsWith('.tmp')) await disk.remove(path).catch(() => {});
      if (!/^[0-9a-f]{16}\/\d{1,6}\/\d{1,5}\.u16$/.test(name)) continue;
      // One that somebody takes away meanwhile is not here.
      const found = await stat(path).catch(() => null);
      if (found) this.#enter(name, { bytes: found.size, usedAtMs: found.mtimeMs });
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { quotaBytes } = this.#options;
    if (this.#bytes + bytes <= quotaBytes) return;
    const oldestFirst = [...this.#kept].toSorted(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
    for (const [name] of oldestFirst) {
      if (this.#bytes + bytes <= quotaBytes) return;
      await this.#drop(name);
    }
  }

  async #drop(name: string): Promise<void> {
    this.#bytes -= this.#kept.get(name)?.bytes ?? 0;
    this.#kept.delete(name);
    await this.#options.disk.remove(join(this.#options.folder, name)).catch(() => {});
  }

  #enter(name: string, kept: Kept): void {
    // Two that asked at once may both have made it.
    this.#bytes += kept.bytes - (this.#kept.get(name)?.bytes ?? 0);
    this.#kept.set(name, kept);
  }

  #nameOf(page: number): string {
    return `${this.#options.key}/${shardOf(page)}/${rowGroupOf(page)}.u16`;
  }
}

function pageNamed(name: string): number {
  const [, shard, rowGroup] = name.split('/');
  return pageOf(Number(shard), Number.parseInt(rowGroup ?? '', 10));
}

/** null for what is not whole, or not what its seal says. */
async function readSealed(path: string): Promise<Pick<Page, 'tokens' | 'sha256'> | null> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size < SEAL_BYTES || size > KEPT_PAGE_MAX_BYTES || size % 2 !== 0) return null;
    // All of it by one call: a page is read in less time than a few calls take to come back.
    const bytes = Buffer.allocUnsafeSlow(size);
    if ((await file.read(bytes, 0, size, 0)).bytesRead !== size) return null;
    const tokens = bytes.subarray(0, -SEAL_BYTES);
    const seal = bytes.subarray(-SEAL_BYTES);
    return seal.equals(sha256(tokens))
      ? { tokens: bytesToTokens(tokens), sha256: seal.toString('hex') }
      : null;
  } finally {
    await file?.close();
  }
}
