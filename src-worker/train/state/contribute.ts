import { join } from 'node:path';
import * as v from 'valibot';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  bytesPerValue,
  decodeValues,
  encodeValues,
  sumOfSquares,
  type ValueCodec,
} from '../../../src-shared/reduce/fp16.ts';
import { rootOfHexLeaves } from '../../../src-shared/reduce/merkle.ts';
import {
  type ContributionManifest,
  contributionManifestSchema,
  spoolFiles,
  spoolFolder,
  type WorkRecord,
} from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { CONTRIBUTION_MANIFEST_BYTES_PER_CHUNK, CURRENT_MAX_BYTES } from '../limits.ts';
import { norm, offered } from './algebra.ts';
import { jsonBytes, type Pending, parseJson } from './current.ts';
import { makeFolder, readSmall, withFile } from './disk.ts';
import { nextSerial, type Replica, turnOver, writeLocal } from './replica.ts';
import { settlePending } from './settle.ts';

type Asked = ParamsOf<TrainContract, 'contribute'>;
type Contributed = ResultOf<TrainContract, 'contribute'>;

/** The contribution of this round where it is complete already: the host asks again after a crash. */
export async function contributed(replica: Replica, asked: Asked): Promise<Contributed | null> {
  const { pending, settledRound } = replica.current;
  if (asked.round <= settledRound || (pending && asked.round < pending.round))
    throw new AppError('NOT_NOW', { what: `A contribution to round ${asked.round}`, state: 'settled' });
  if (pending?.round !== asked.round || pending.codec !== asked.codec || !replica.frozen) return null;
  const manifest = await readManifest(replica, asked.round);
  const path = join(replica.spoolDir, spoolFolder(asked.round), spoolFiles.contribution);
  const sizeBytes = await withFile(path, async (_file, size) => size);
  const isWhole = sizeBytes === replica.elements * bytesPerValue(asked.codec);
  return isWhole && manifest?.root === pending.root ? answerOf(pending) : null;
}

/**
 * Freezes delta + residue into the spool. The snapshot and CURRENT are durable before the manifest, and the root
 * leaves this process after it: whoever reads the manifest reads a contribution that a crash cannot change.
 * The caller holds the engine's turn, so the local weights are those that `work` describes.
 */
export async function contribute(replica: Replica, asked: Asked, work: WorkRecord): Promise<Contributed> {
  return replica.books.take(async () => {
    await forgetUnsettled(replica, asked.round);
    const folder = join(replica.spoolDir, spoolFolder(asked.round));
    await makeFolder(folder);
    await replica.disk.remove(join(folder, spoolFiles.contributionManifest));

    const { image, frozen, vector } = await soundOffer(replica);
    const path = join(folder, spoolFiles.contribution);
    const { leaves, decodedNorm } = await writeVector(replica, path, vector, asked.codec);
    const workBytes = jsonBytes(work);
    await replica.disk.write(join(folder, spoolFiles.work), [workBytes], { seal: false });

    const { current } = replica;
    const local = await writeLocal(replica, image, current.standing.id);
    const pending: Pending = {
      round: asked.round,
      codec: asked.codec,
      frozen: local,
      root: rootOfHexLeaves(leaves, sha256),
      norm: decodedNorm,
      steps: work.steps,
      sequences: work.sequences,
      workDigest: sha256Hex(workBytes),
    };
    const medianNorm = asked.medianNorm ?? current.medianNorm;
    const next = { ...current, serial: nextSerial(replica), medianNorm, pending, local, previous: null };
    await turnOver(replica, next, { frozen });

    const manifest: ContributionManifest = {
      round: asked.round,
      codec: asked.codec,
      elements: replica.elements,
      chunkElements: replica.consensus.codec.chunkElements,
      root: pending.root,
      leaves,
      norm: decodedNorm,
    };
    await replica.disk.write(join(folder, spoolFiles.contributionManifest), [jsonBytes(manifest)], {
      seal: false,
    });
    return answerOf(pending);
  });
}

/** An earlier contribution of which nobody told the outcome counts as taken whole: nothing may count twice. */
async function forgetUnsettled(replica: Replica, round: number): Promise<void> {
  const { pending } = replica.current;
  if (pending && pending.round < round)
    await settlePending(replica, { round: pending.round, outcome: 'unknown', resultId: null, drawn: true });
}

/** What the replica offers. One that is no longer finite must not be sent: it starts again at the base. */
async function soundOffer(replica: Replica) {
  const image = await replica.local.capture();
  const frozen = image?.parameters ?? replica.base;
  const vector = offered(replica.base, frozen, replica.residue);
  if (Number.isFinite(norm(vector))) return { image, frozen, vector };
  await replica.local.restart(replica.base);
  const { current } = replica;
  const next = { ...current, serial: nextSerial(replica), residue: null, pending: null };
  await turnOver(replica, next, { residue: null, frozen: null });
  const restarted = await replica.local.capture();
  return { image: restarted, frozen: replica.base, vector: new Float32Array(replica.elements) };
}

async function writeVector(replica: Replica, path: string, vector: Float32Array, codec: ValueCodec) {
  const { codec: settings } = replica.consensus;
  const leaves: Hex[] = [];
  let squares = 0;
  function* chunks() {
    for (let at = 0; at < vector.length; at += settings.chunkElements) {
      const bytes = encodeValues(codec, vector.subarray(at, at + settings.chunkElements), settings);
      const decoded = decodeValues(codec, bytes, settings);
      if (!decoded) throw new RangeError('a contribution is finite and below the magnitude limit');
      squares += sumOfSquares(decoded);
      leaves.push(sha256Hex(bytes));
      yield bytes;
    }
  }
  await replica.disk.write(path, chunks(), { seal: false });
  return { leaves, decodedNorm: Math.sqrt(squares) };
}

async function readManifest(replica: Replica, round: number): Promise<ContributionManifest | null> {
  const chunks = Math.ceil(replica.elements / replica.consensus.codec.chunkElements);
  const maxBytes = CURRENT_MAX_BYTES + chunks * CONTRIBUTION_MANIFEST_BYTES_PER_CHUNK;
  const path = join(replica.spoolDir, spoolFolder(round), spoolFiles.contributionManifest);
  const parsed = v.safeParse(contributionManifestSchema, parseJson((await readSmall(path, maxBytes)) ?? ''));
  return parsed.success ? parsed.output : null;
}

const answerOf = ({ root, norm, steps, sequences, workDigest }: Pending): Contributed => ({
  root,
  norm,
  steps,
  sequences,
  workDigest,
});
