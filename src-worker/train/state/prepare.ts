import * as v from 'valibot';
import { checkedValue } from '../../../src-node/durable-json.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { outerStageAt } from '../../../src-shared/profile/profile.ts';
import { outerStep } from '../../../src-shared/reduce/outer-step.ts';
import { StateDigest, stateSizeBytes } from '../../../src-shared/reduce/state-digest.ts';
import { resultId } from '../../../src-shared/rounds/ids.ts';
import type { AverageManifest } from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { PREPARED_MAX_BYTES } from '../limits.ts';
import { averageChunks, readAverageManifest, takenChunks } from './average.ts';
import { checkedBytes } from './current.ts';
import { readSmall, withFile } from './files.ts';
import { FILE_NAME, stateName } from './layout.ts';
import { discard, type Replica, withBooks } from './replica.ts';
import { momentumIn } from './state-file.ts';
import { bytesOf } from './vectors.ts';

const preparedSchema = v.object({
  format: v.literal(1),
  round: count,
  parentId: digest,
  rosterDigest: digest,
  /** SHA-256 of the average's manifest: another average means another commit. */
  averageDigest: digest,
  resultId: digest,
  baseDigest: digest,
  state: v.pipe(v.string(), v.regex(FILE_NAME)),
  /** '1' for each chunk that holds my contribution. */
  taken: v.pipe(v.string(), v.regex(/^[01]*$/)),
});

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
): Promise<{ baseDigest: Hex; resultId: Hex }> {
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
    const id = resultId(parentId, round, rosterDigest, baseDigest);
    const state = stateName(round, id);
    await disk.publish(stepped, folder.path(state));
    const prepared: Prepared = {
      format: 1,
      round,
      parentId,
      rosterDigest,
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
    return { baseDigest, resultId: id };
  };
  return withBooks(replica, work, signal);
}

/** The new state until its digest, and with it its name, is known. A start removes one that a crash left. */
const STEPPED = 'stepped.f32';

/**
 * The outer step chunk by chunk, on the CPU in the one shared implementation: every peer gets the same bits. Base and
 * momentum stand one behind the other in the file, so the step is taken twice rather than held in memory.
 * @returns the digest of the state
 */
async function writeStepped(
  replica: Replica,
  path: string,
  manifest: AverageManifest,
  signal?: AbortSignal,
): Promise<Hex> {
  const digest = new StateDigest(replica.consensus.codec.pieceBytes, sha256);
  async function* parts() {
    for (const half of ['base', 'momentum'] as const)
      for await (const chunk of steppedChunks(replica, manifest)) {
        signal?.throwIfAborted();
        const bytes = bytesOf(chunk[half]);
        digest.update(bytes);
        yield bytes;
        await replica.slices.worked(chunk[half].length);
      }
  }
  await replica.disk.write(path, parts(), { seal: false });
  return digest.finish().digest;
}

async function* steppedChunks(replica: Replica, manifest: AverageManifest) {
  const { elements, consensus, current, folder, slices } = replica;
  const momenta = momentumIn(folder.path(current.standing.state), elements);
  const stage = outerStageAt(consensus, manifest.round);
  let offset = 0;
  for await (const average of averageChunks(replica, manifest)) {
    const base = replica.base.slice(offset, offset + manifest.chunkElements);
    const momentum = new Float32Array(base.length);
    await momenta.read(momentum, offset);
    outerStep(base, momentum, average, stage);
    yield { base, momentum };
    await slices.worked(base.length);
    offset += base.length;
  }
}
