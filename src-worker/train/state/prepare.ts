import * as v from 'valibot';
import { checkedValue } from '../../../src-node/durable-json.ts';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { outerStageAt } from '../../../src-shared/profile/profile.ts';
import { outerStep } from '../../../src-shared/reduce/outer-step.ts';
import { stateSizeBytes } from '../../../src-shared/reduce/state-digest.ts';
import { resultId } from '../../../src-shared/rounds/ids.ts';
import type { AverageManifest } from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { PREPARED_MAX_BYTES } from '../limits.ts';
import { averageChunks, readAverageManifest, takenChunks } from './average.ts';
import { checkedBytes } from './current.ts';
import { readSmall, withFile } from './files.ts';
import { FILE_NAME, stateName } from './layout.ts';
import { discard, type Replica, withBooks } from './replica.ts';
import { digestOfState, readMomentum, writeStateFile } from './state-file.ts';

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

    const { base, momentum } = await step(replica, average.manifest, signal);
    const { pieceBytes } = replica.consensus.codec;
    const baseDigest = await digestOfState(replica.slices, { base, momentum }, pieceBytes);
    const parentId = replica.current.standing.id;
    const id = resultId(parentId, round, rosterDigest, baseDigest);
    const state = stateName(round, id);
    await writeStateFile(replica.disk, replica.folder.path(state), base, momentum);
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

/** The outer step chunk by chunk, on the CPU in the one shared implementation: every peer gets the same bits. */
async function step(replica: Replica, manifest: AverageManifest, signal?: AbortSignal) {
  const base = new Float32Array(replica.elements);
  const momentum = await readMomentum(replica.folder.path(replica.current.standing.state), replica.elements);
  if (!momentum) throw new AppError('STATE_FILE_MALFORMED', { reason: 'the current state file is gone' });
  const stage = outerStageAt(replica.consensus, manifest.round);
  let at = 0;
  for await (const average of averageChunks(replica, manifest)) {
    const end = Math.min(at + manifest.chunkElements, base.length);
    base.set(replica.base.subarray(at, end), at);
    outerStep(base.subarray(at, end), momentum.subarray(at, end), average, stage);
    await replica.slices.worked(end - at);
    at = end;
    signal?.throwIfAborted();
  }
  return { base, momentum };
}
