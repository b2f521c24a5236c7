import { join } from 'node:path';
import { sha256 } from '../../../src-node/sha256.ts';
import type { AuditInput } from '../../../src-shared/audit/inputs.ts';
import { type MerkleLevels, merkleLevels, merklePath } from '../../../src-shared/reduce/merkle.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { type Contribution, openContribution } from '../reduce/contribution.ts';
import { INPUTS_OPEN } from './limits.ts';
import type { KnownRound } from './rosters.ts';

interface Opened {
  readonly contribution: Contribution;
  readonly tree: MerkleLevels;
}

/** What this member put into the last rounds, read from the spool, where it stays until audits of them are over. */
export class OwnInputs {
  readonly #self: Ss58;
  readonly #spoolDir: string;
  readonly #opened = new Map<Hex, Promise<Opened | null>>();

  constructor(self: Ss58, spoolDir: string) {
    this.#self = self;
    this.#spoolDir = spoolDir;
  }

  /** @returns null where this member put nothing into the round, or the spool has it no more */
  async read(round: KnownRound, chunk: number): Promise<AuditInput | null> {
    const opened = await this.#of(round);
    if (!opened || chunk >= round.grid.chunks) return null;
    const bytes = await opened.contribution.readChunk(chunk).catch(() => null);
    return bytes && { bytes, path: merklePath(opened.tree, chunk) };
  }

  /** SHA-256 of each chunk, in order; null as for `read`. */
  async leaves(round: KnownRound): Promise<readonly Uint8Array[] | null> {
    return (await this.#of(round))?.contribution.leaves ?? null;
  }

  async close(): Promise<void> {
    for (const digest of [...this.#opened.keys()]) await this.#drop(digest);
  }

  async #of(round: KnownRound): Promise<Opened | null> {
    const { rosterDigest } = round;
    const opening = this.#opened.get(rosterDigest) ?? this.#open(round);
    this.#opened.set(rosterDigest, opening);
    const opened = await opening;
    for (const [old] of [...this.#opened].slice(0, -INPUTS_OPEN)) await this.#drop(old);
    return opened;
  }

  async #open({ round, members, grid, coder }: KnownRound): Promise<Opened | null> {
    const at = members.findIndex(({ hotkey }) => hotkey === this.#self);
    const plan = { self: at < 0 ? null : at, members, grid, coder };
    const contribution = await openContribution(plan, join(this.#spoolDir, spoolFolder(round)));
    return contribution && { contribution, tree: merkleLevels(contribution.leaves, sha256) };
  }

  async #drop(digest: Hex): Promise<void> {
    const opened = await this.#opened.get(digest)?.catch(() => null);
    this.#opened.delete(digest);
    await opened?.contribution.close().catch(() => undefined);
  }
}
