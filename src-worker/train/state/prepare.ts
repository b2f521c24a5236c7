import * as v from 'valibot';
import { checkedValue } from '../../../src-node/durable-json.ts';
import { inSlices } from '../../../src-node/portions.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { outerStageAt } from '../../../src-shared/profile/profile.ts';
import { outerStep } from '../../../src-shared/reduce/outer-step.ts';
import { stateSizeBytes } from '../../../src-shared/reduce/state-digest.ts';
import { listOf } from '../../../src-shared/rounds/averaged-list.ts';
import { resultId } from '../../../src-shared/rounds/ids.ts';
import { resultsDigestInPortions } from '../../../src-shared/rounds/results-list.ts';
import type { AverageManifest } from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { PREPARED_MAX_BYTES } from '../limits.ts';
import { windowsOver, windowsSideBySide } from '../vector-source.ts';
import { wholeChunks } from './algebra.ts';
import { averageChunk, readAverageManifest, takenChunks } from './average.ts';
import { checkedBytes } from './current.ts';
import type { PlacedPart } from './disk.ts';
import { readSmall, withFile } from './files.ts';
import { HalvesHash } from './hashing.ts';
import { FILE_NAME, stateName } from './layout.ts';
import { discard, type Replica, withBooks } from './replica.ts';
import { momentumIn, STEPPED, written } from './state-file.ts';
import { bytesOf } from './vectors.ts';

const preparedSchema = v.object({
  format: v.literal(2),
  round: count,
  parentId: digest,
  rosterDigest: digest,
  resultsDigest: digest,
  /** SHA-256 of the average's manifest: another average means another commit. */
  averageDigest: digest,
  resultId: digest,
  baseDigest: digest,
  state: v.pipe(v.string(), v.regex(FILE_NAME)),
  /** '1' for each chunk that holds my contribution. */
  taken: v.pipe(v.string(), v.regex(/^[01]*$/)),
});

const NEVER = new AbortController().signal;

export type Prepared = v.InferOutput<typeof preparedSchema>;

/** The commit that lies ready on the current base, complete with its state file; null where there is none. */
export async function readPrepared(replica: Replica): Promise<Prepared | null> {
  const { prepared } = replica.folder;
  const checked = checkedValue((await readSmall(prepared, PREPARED_MAX_BYTES)) ?? '');
  const parsed = v.safeParse(preparedSchema, checked?.value);
  if (!parsed.success) {
    await replica.disk.setAside(prepared);
    return null;
  }
  if (parsed.output.parentId !== replica.current.standing.id) return null;
  const sizeBytes = await withFile(replica.folder.path(parsed.output.state), async (_file, size) => size);
  return sizeBytes === stateSizeBytes(replica.elements) ? parsed.output : null;
}

/**
 * New base and momentum from the round's average, synced beside the old ones; nothing that stands changes. Asked
 * again with the same average it answers from what lies ready.
 */
export async function prepare(
  replica: Replica,
  asked: { readonly round: number; readonly rosterDigest: Hex },
  signal?: AbortSignal,
): Promise<Pick<Prepared, 'baseDigest' | 'resultId' | 'resultsDigest'>> {
  const work = async () => {
    const { round, rosterDigest } = asked;
    if (round <= replica.current.settledRound)
      throw new AppError('NOT_NOW', { what: `Preparing round ${round}`, state: 'settled' });
    const average = await readAverageManifest(replica, round, rosterDigest);
    const before = await readPrepared(replica);
    if (before && before.averageDigest === average.digest && before.round === round) return before;

    const parentId = replica.current.standing.id;
    const { disk, folder } = replica;
    const stepped = folder.path(STEPPED);
    const baseDigest = await writeStepped(replica, stepped, average.manifest, signal);
    const list = listOf(average.manifest);
    const resultsDigest = await inSlices(resultsDigestInPortions(list, sha256), signal ?? NEVER);
    const id = resultId(parentId, { round, rosterDigest, resultsDigest, baseDigest });
    const state = stateName(round, id);
    await disk.publish(stepped, folder.path(state));
    replica.written = await written(folder.path(state), baseDigest);
    const prepared: Prepared = {
      format: 2,
      round,
      parentId,
      rosterDigest,
      resultsDigest,
      averageDigest: average.digest,
      resultId: id,
      baseDigest,
      state,
      taken: takenChunks(average.manifest)
        .map((isTaken) => (isTaken ? '1' : '0'))
        .join(''),
    };
    await replica.disk.write(replica.folder.prepared, [checkedBytes(prepared)], { seal: false });
    if (before && before.state !== state && before.state !== replica.current.standing.state)
      await discard(replica, [before.state]);
    return { baseDigest, resultId: id, resultsDigest };
  };
  return withBooks(replica, work, signal);
}

/**
 * The outer step window by window, on the CPU in the one shared implementation: every peer gets the same bits. Base and
 * momentum are written side by side, each to its half of the file, so nothing of them is held and the step is taken once.
 * @returns the digest of the state
 */
async function writeStepped(
  replica: Replica,
  path: string,
  manifest: AverageManifest,
  signal?: AbortSignal,
): Promise<Hex> {
  const { elements, consensus } = replica;
  const hash = new HalvesHash({ elements, pieceBytes: consensus.codec.pieceBytes });
  async function* parts(): AsyncGenerator<PlacedPart> {
    for await (const { offset, ...stepped } of steppedWindows(replica, manifest)) {
      signal?.throwIfAborted();
      const halves = { base: bytesOf(stepped.base), momentum: bytesOf(stepped.momentum) };
      await hash.update(halves);
      yield { position: 4 * offset, bytes: halves.base };
      yield { position: 4 * (elements + offset), bytes: halves.momentum };
    }
  }
  await replica.disk.writePlaced(path, parts());
  return hash.finish();
}

/** New base and momentum, window by window; each holds until the next is asked for. */
async function* steppedWindows(replica: Replica, manifest: AverageManifest) {
  const { elements, consensus, current, folder, slices } = replica;
  const { chunkElements } = manifest;
  const momenta = momentumIn(folder.path(current.standing.state), elements);
  const stage = outerStageAt(consensus, manifest.round);
  const windows = windowsSideBySide([replica.base, momenta], elements, wholeChunks(chunkElements));
  for await (const { offset, vectors } of windows) {
    const [base, momentum] = vectors as [Float32Array, Float32Array];
    for (const { offset: at, length: size } of windowsOver(base.length, chunkElements)) {
      const average = await averageChunk(replica, manifest, (offset + at) / chunkElements);
      outerStep(base.subarray(at, at + size), momentum.subarray(at, at + size), average, stage);
      await slices.worked(size);
    }
    yield { offset, base, momentum };
  }
}
