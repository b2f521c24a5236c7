import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { awakeNow } from '../../../src-node/awake-clock.ts';
import { writeAt } from '../../../src-node/durable.ts';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import { merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { KnownRound } from '../audit/rosters.ts';
import { toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { askAgain } from '../state/ask-again.ts';
import type { Patience } from '../state/patience.ts';
import { HASH_BYTES, readManifest } from '../state/protocol.ts';
import { ANSWER_LIMIT_MS } from './limits.ts';
import { type ContributionQuestion, chunksFrom } from './protocol.ts';

/** What came of asking a member for its contribution. */
export interface FetchedContribution {
  /**
   * held: whole in the file, every chunk under the root that the roster names. silent: it gave none, or not all.
   * foreign: it gave something else than it had committed to.
   */
  readonly outcome: 'held' | 'silent' | 'foreign';
  readonly path: string;
  /** Bytes that came, whatever came of them. */
  readonly bytes: number;
}

/** One at a time, each in the place of the one before: 2 bytes a parameter in fp16. */
const FILE = 'checked.bin';

interface FetchParts {
  readonly network: Network;
  readonly disk: SpoolDisk;
  readonly spoolDir: string;
  readonly patience: Patience;
}

interface Asking {
  readonly network: Network;
  readonly round: KnownRound;
  readonly hotkey: Ss58;
  readonly patience: Patience;
  /** On the awake clock; later by what our own disk takes, which is none of the member's doing. */
  askedAtMs: number;
  readonly signal: AbortSignal;
}

/**
 * Fetches a whole contribution as its sender gave it to the reducers. While the sender says "later" it is asked again, as
 * long as it is not further behind the pace of a whole one than patience has it: nobody keeps from being looked at by
 * being busy or slow until the next exchange.
 * @throws the signal's reason, {AppError} DISK_FULL
 */
export async function fetchContribution(
  parts: FetchParts,
  round: KnownRound,
  hotkey: Ss58,
  signal: AbortSignal,
): Promise<FetchedContribution> {
  const path = join(parts.spoolDir, FILE);
  const { network, patience } = parts;
  const asking: Asking = { network, patience, askedAtMs: awakeNow(), round, hotkey, signal };
  const member = round.members.find((one) => one.hotkey === hotkey);
  if (!member) return { outcome: 'silent', path, bytes: 0 };
  const { chunks } = round.grid;
  const { rosterDigest } = round;
  const leavesBytes = chunks * HASH_BYTES;
  const listed = await answerTo(
    asking,
    { want: 'leaves', rosterDigest },
    { sizeBytes: leavesBytes, share: 0 },
  );
  if (!listed) return { outcome: 'silent', path, bytes: 0 };
  const leaves = readManifest(listed, chunks);
  const root = leaves && Buffer.from(merkleRoot(leaves, sha256)).toString('hex');
  if (!leaves || root !== member.root) return { outcome: 'foreign', path, bytes: listed.length };
  const file = await inOwnTime(asking, () =>
    parts.disk.step('open', path, signal, () => open(path, 'w', 0o600)),
  );
  try {
    const into = { disk: parts.disk, file, path };
    const got = await writeChunks(asking, member.codec, leaves, into);
    return { ...got, path, bytes: listed.length + got.bytes };
  } finally {
    await file.close();
  }
}

async function writeChunks(
  asking: Asking,
  codec: KnownRound['members'][number]['codec'],
  leaves: readonly Uint8Array[],
  { disk, file, path }: { readonly disk: SpoolDisk; readonly file: FileHandle; readonly path: string },
): Promise<Pick<FetchedContribution, 'outcome' | 'bytes'>> {
  const { grid, coder, rosterDigest } = asking.round;
  let bytes = 0;
  for (let first = 0; first < grid.chunks; ) {
    const wanted = chunksFrom(first, grid.chunks);
    const sizes = wanted.map((chunk) => coder.bytes(codec, chunk));
    const answer = {
      sizeBytes: sizes.reduce((sum, one) => sum + one, 0),
      share: (first + wanted.length) / grid.chunks,
    };
    const given = await answerTo(asking, { want: 'chunks', rosterDigest, first }, answer);
    if (!given) return { outcome: 'silent', bytes };
    if (!areLeaves(given, sizes, leaves.slice(first)))
      return { outcome: 'foreign', bytes: bytes + given.length };
    const at = bytes;
    await inOwnTime(asking, () => disk.step('write', path, asking.signal, () => writeAt(file, given, at)));
    bytes += given.length;
    first += wanted.length;
  }
  return { outcome: 'held', bytes };
}

async function inOwnTime<T>(asking: Asking, work: () => Promise<T>): Promise<T> {
  const begunMs = awakeNow();
  const done = await work();
  asking.askedAtMs += awakeNow() - begunMs;
  return done;
}

/** Whether bytes are these chunks one behind the other. */
function areLeaves(given: Uint8Array, sizes: readonly number[], leaves: readonly Uint8Array[]): boolean {
  let at = 0;
  for (const [i, size] of sizes.entries()) {
    const digest = sha256Hex(given.subarray(at, at + size));
    if (digest !== Buffer.from(leaves[i]!).toString('hex')) return false;
    at += size;
  }
  return at === given.length;
}

/** @param answer.share of the contribution that is here once it has come */
const answerTo = (
  { network, hotkey, patience, askedAtMs, signal }: Asking,
  question: ContributionQuestion,
  { sizeBytes, share }: { readonly sizeBytes: number; readonly share: number },
): Promise<Uint8Array | null> => {
  const untilMs = askedAtMs + patience.behindMs + share * patience.contributionMs;
  return askAgain(network, { hotkey, protocol: 'contribution' }, toBytes(question), {
    ...{ sizeBytes, limitMs: ANSWER_LIMIT_MS, untilMs, signal },
  });
};
