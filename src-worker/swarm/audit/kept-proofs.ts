import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../../src-node/durable.ts';
import type { Fraud } from '../../../src-shared/audit/fraud.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { PROOFS_KEPT } from './limits.ts';

const NAME = /^(\d{12})-([1-9A-HJ-NP-Za-km-z]{46,50})-(\d{1,10})-(\d{1,10})-([0-9a-f]{64})\.proof$/;

/** Upheld proofs on disk, the newest of each accused. Their names say all that is told of them, so a restart finds them. */
export class KeptProofs {
  readonly #folder: string;
  readonly #disk: SpoolDisk;
  #all: readonly Fraud[];
  /** On their way to the disk, by digest: they can be given already. */
  readonly #unwritten = new Map<string, Uint8Array>();

  static async open(folder: string, disk: SpoolDisk): Promise<KeptProofs> {
    const names = await readdir(folder).catch(() => []);
    return new KeptProofs(folder, disk, newestOfEach(names.flatMap(fraudOf)));
  }

  private constructor(folder: string, disk: SpoolDisk, all: readonly Fraud[]) {
    this.#folder = folder;
    this.#disk = disk;
    this.#all = all;
  }

  /** The newest first. */
  get all(): readonly Fraud[] {
    return this.#all;
  }

  /** Whether a proof of that round or a newer one is here against the same hotkey. */
  has({ accused, round }: Pick<Fraud, 'accused' | 'round'>): boolean {
    return this.#all.some((kept) => kept.accused === accused && kept.round >= round);
  }

  /**
   * Keeps an upheld proof in the place of an older one against the same hotkey: here at once, and on the disk when this
   * resolves. @throws {AppError} DISK_FULL
   */
  async keep(fraud: Fraud, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const path = this.#pathOf(fraud);
    const all = newestOfEach([...this.#all, fraud]);
    const gone = this.#all.filter((kept) => !all.includes(kept));
    this.#all = all;
    for (const old of gone) this.#unwritten.delete(old.digest);
    this.#unwritten.set(fraud.digest, bytes);
    await this.#disk.step('publish', path, signal, async () => {
      await mkdir(this.#folder, { recursive: true });
      await replaceFile(path, bytes);
    });
    this.#unwritten.delete(fraud.digest);
    for (const old of gone) await rm(this.#pathOf(old), { force: true });
  }

  /** @returns null where no such proof is here (any more) */
  async read(digest: string): Promise<Uint8Array | null> {
    const kept = this.#all.find((fraud) => fraud.digest === digest);
    return kept ? (this.#unwritten.get(digest) ?? readFile(this.#pathOf(kept)).catch(() => null)) : null;
  }

  #pathOf({ round, accused, chunk, sizeBytes, digest }: Fraud): string {
    const name = `${String(round).padStart(12, '0')}-${accused}-${chunk}-${sizeBytes}-${digest}.proof`;
    return join(this.#folder, name);
  }
}

function newestOfEach(frauds: readonly Fraud[]): readonly Fraud[] {
  const sorted = frauds.toSorted((a, b) => b.round - a.round);
  const first = new Map(sorted.toReversed().map((fraud) => [fraud.accused, fraud]));
  return sorted.filter((fraud) => first.get(fraud.accused) === fraud).slice(0, PROOFS_KEPT);
}

function fraudOf(name: string): Fraud[] {
  const [, round, accused = '', chunk, sizeBytes, digest = ''] = NAME.exec(name) ?? [];
  if (!digest) return [];
  return [
    {
      round: Number(round),
      accused: ss58(accused),
      chunk: Number(chunk),
      sizeBytes: Number(sizeBytes),
      digest: hex(digest),
    },
  ];
}
