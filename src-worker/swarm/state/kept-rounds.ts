import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../../src-node/durable.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import type { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import { canonicalJson } from '../../../src-shared/profile/profile.ts';
import { type Roster, rosterSchema } from '../../../src-shared/rounds/messages.ts';
import { encodeResultsList, type ResultLeaf } from '../../../src-shared/rounds/results-list.ts';
import { rosterDigest as digestOf } from '../../../src-shared/rounds/signed.ts';
import {
  type AverageManifest,
  averageManifestSchema,
  spoolFiles,
  spoolFolder,
} from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { fromBytes } from '../net/json.ts';
import type { Average } from '../reduce/average.ts';
import type { Lists } from '../reduce/lists.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { AVERAGE_MANIFESTS_IN_MEMORY, ROSTER_MAX_BYTES, ROSTERS_IN_MEMORY } from './limits.ts';
import type { RoundQuestion } from './protocol.ts';

/** What answers a question; its bytes are read once it is known that they may go. */
export interface Found {
  readonly bytes: number;
  /** @returns null where the disk has something else by now */
  read(): Promise<Uint8Array | null>;
}

interface KeptRoundsInit {
  readonly spoolDir: string;
  readonly disk: SpoolDisk;
  readonly coder: ChunkCoder;
  readonly lists: Lists;
  /** The results of a round whose exchange took part here. */
  resultsOf(rosterDigest: Hex): Pick<Average, 'sizeOf' | 'read'> | null;
  /** Ends what is being written. */
  readonly signal: AbortSignal;
}

/**
 * What this node still has of rounds that are over: rosters, results lists and the results themselves, from its exchange or,
 * after a restart, from its spool. By these whoever was not drawn follows a commit for two bytes a parameter.
 */
export class KeptRounds {
  readonly #init: KeptRoundsInit;
  readonly #rosters = new Map<Hex, Roster>();
  readonly #manifests = new Map<string, { readonly mtimeMs: number; readonly manifest: AverageManifest }>();

  constructor(init: KeptRoundsInit) {
    this.#init = init;
  }

  /** Keeps a roster that the witnesses agreed on. A disk that takes none costs its reader an answer, nothing else. */
  async noteRoster(roster: Roster, rosterDigest: Hex): Promise<void> {
    if (this.#rosters.has(rosterDigest)) return;
    this.#rosters.set(rosterDigest, roster);
    for (const old of [...this.#rosters.keys()].slice(0, -ROSTERS_IN_MEMORY)) this.#rosters.delete(old);
    const { disk, signal, spoolDir } = this.#init;
    const path = this.#rosterPath(roster.round, rosterDigest);
    const write = async () => {
      await mkdir(join(spoolDir, spoolFolder(roster.round)), { recursive: true });
      await replaceFile(path, canonicalJson(roster));
    };
    await disk
      .step('publish', path, signal, write)
      .catch((thrown: unknown) => signal.aborted || console.error('a roster is not kept', thrown));
  }

  async roster(round: number, rosterDigest: Hex): Promise<Roster | null> {
    const known = this.#rosters.get(rosterDigest);
    if (known) return known;
    const bytes = await readFile(this.#rosterPath(round, rosterDigest)).catch(() => null);
    return bytes && readRoster(bytes, { round, rosterDigest });
  }

  /** The values of a result, if this node has it. */
  async leaf(
    of: { readonly round: number; readonly rosterDigest: Hex },
    chunk: number,
    { digest }: Pick<ResultLeaf, 'digest'>,
  ): Promise<Uint8Array | null> {
    return (await this.#leaf({ kind: 'leaf', ...of, chunk, digest }))?.read() ?? null;
  }

  /** @returns null where this node does not have it */
  async find(question: RoundQuestion, signal: AbortSignal): Promise<Found | null> {
    if (question.kind === 'leaf') return this.#leaf(question);
    if (question.kind === 'list') {
      const list = await this.#init.lists.here(question, signal);
      return list && { bytes: this.#init.lists.listBytes, read: async () => encodeResultsList(list) };
    }
    const roster = await this.roster(question.round, question.rosterDigest);
    const bytes = roster && new TextEncoder().encode(canonicalJson(roster));
    return bytes && { bytes: bytes.length, read: async () => bytes };
  }

  async #leaf({ round, rosterDigest, chunk, digest }: Extract<RoundQuestion, { kind: 'leaf' }>) {
    const held = this.#init.resultsOf(rosterDigest);
    const sizeBytes = held?.sizeOf(chunk, digest);
    if (held && sizeBytes != null) {
      const read = async () => (await held.read(chunk, digest))?.values ?? null;
      return { bytes: sizeBytes, read: () => intact(read, digest) };
    }
    const kept = (await this.#manifest(round, rosterDigest))?.chunks[chunk];
    if (kept?.digest !== digest) return null;
    const bytes = kept.sizeBytes ?? this.#init.coder.resultMaxBytes(chunk);
    const path = join(this.#init.spoolDir, spoolFolder(round), spoolFiles.average);
    const read = () => readAt(path, this.#init.coder.resultAt(chunk), bytes);
    return { bytes, read: () => intact(read, digest) };
  }

  async #manifest(round: number, rosterDigest: Hex): Promise<AverageManifest | null> {
    const path = join(this.#init.spoolDir, spoolFolder(round), spoolFiles.averageManifest);
    const found = await stat(path).catch(() => null);
    if (!found) return null;
    const known = this.#manifests.get(path);
    if (known?.mtimeMs === found.mtimeMs) return of(known.manifest);
    const manifest = fromBytes(averageManifestSchema, await readFile(path).catch(() => new Uint8Array()));
    if (!manifest) return null;
    this.#manifests.set(path, { mtimeMs: found.mtimeMs, manifest });
    for (const old of [...this.#manifests.keys()].slice(0, -AVERAGE_MANIFESTS_IN_MEMORY))
      this.#manifests.delete(old);
    return of(manifest);

    function of(one: AverageManifest): AverageManifest | null {
      return one.rosterDigest === rosterDigest ? one : null;
    }
  }

  #rosterPath(round: number, rosterDigest: Hex): string {
    return join(this.#init.spoolDir, spoolFolder(round), `roster-${rosterDigest}.json`);
  }
}

/** Bytes from anybody as the roster of that digest; null where they are of something else. */
export function readRoster(
  bytes: Uint8Array,
  named: { readonly round: number; readonly rosterDigest: Hex },
): Roster | null {
  const roster = bytes.length <= ROSTER_MAX_BYTES ? fromBytes(rosterSchema, bytes) : null;
  return roster?.round === named.round && digestOf(roster) === named.rosterDigest ? roster : null;
}

/** What a disk has spoilt is given to nobody: it would be taken for a lie. */
async function intact(read: () => Promise<Uint8Array | null>, digest: Hex): Promise<Uint8Array | null> {
  const bytes = await read().catch(() => null);
  return bytes && sha256Hex(bytes) === digest ? bytes : null;
}

async function readAt(path: string, position: number, bytes: number): Promise<Uint8Array | null> {
  const file = await open(path, 'r');
  try {
    const values = new Uint8Array(bytes);
    const { bytesRead } = await file.read(values, 0, bytes, position);
    return bytesRead === bytes ? values : null;
  } finally {
    await file.close();
  }
}
