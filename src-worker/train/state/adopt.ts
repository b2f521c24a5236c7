import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { stateSizeBytes } from '../../../src-shared/reduce/state-digest.ts';
import { DELTA_MAX_AGE_ROUNDS } from '../limits.ts';
import type { VectorSource, VectorWindow } from '../vector-source.ts';
import { type Offer, offered } from './algebra.ts';
import type { Current, Pending } from './current.ts';
import { sizeOf } from './files.ts';
import { stateName } from './layout.ts';
import { openedRound, type Progress } from './progress.ts';
import {
  discard,
  extentOf,
  nextSerial,
  type Replica,
  standingOf,
  turnOver,
  withBooks,
  writeLocal,
} from './replica.ts';
import { type Owed, owed, residueLimit, writeResidue } from './residue.ts';
import { freshImage } from './snapshot.ts';
import { baseIn, momentumIn, STEPPED, writeStateFile } from './state-file.ts';

type Adopted = ParamsOf<TrainContract, 'adopt'>;

/**
 * Takes over a state that others committed. Of a pending contribution what the list of its round says was taken is gone,
 * nothing where its round was void, and all of it where nobody knows. What is left, and what the replica learned beside
 * it, goes into the residue when its base is at most two rounds older, and is dropped when it is staler. The
 * local replica starts at the new base with zero moments, and an open round's record starts afresh: its first step
 * has to be taken at this base. The caller holds the engine's turn.
 */
export async function adopt(replica: Replica, asked: Adopted): Promise<Standing> {
  return withBooks(replica, async () => {
    if (asked.id === replica.current.standing.id) return standingOf(replica);
    const { id, round, baseDigest } = asked;
    const standing = { round, id, baseDigest, state: stateName(round, id) };
    await takeOver(replica, asked, replica.folder.path(standing.state));
    await standOn(replica, standing, asked);
    return standingOf(replica);
  });
}

/** Copies the state; it has its name once the copy is known to have its digest. */
async function takeOver({ disk, folder, elements, consensus }: Replica, asked: Adopted, path: string) {
  const { pieceBytes } = consensus.codec;
  if ((await sizeOf(asked.path)) !== stateSizeBytes(elements)) throw spoilt();
  const stepped = folder.path(STEPPED);
  const state = { base: baseIn(asked.path), momentum: momentumIn(asked.path, elements) };
  const digest = await writeStateFile(disk, stepped, state, { elements, pieceBytes });
  if (digest === asked.baseDigest) return disk.publish(stepped, path);
  await disk.remove(stepped);
  throw spoilt();
}

const spoilt = () =>
  new AppError('STATE_FILE_MALFORMED', { reason: 'its digest is not that of the committed state' });

async function standOn(replica: Replica, standing: Current['standing'], asked: Adopted) {
  const base = baseIn(replica.folder.path(standing.state));
  const { current } = replica;
  const residue = await writeResidue(replica, carriedOver(replica, asked));
  const serial = nextSerial(replica);
  const image = replica.local.image();
  const { lossScale } = image ?? {};
  const progress = reopened(replica.local.progress);
  const restarted =
    image && freshImage(base, replica.elements, { progress, ...(lossScale && { lossScale }) });
  const written = await writeLocal(replica, restarted, standing.id);
  const next: Current = {
    ...current,
    serial,
    standing,
    formerly: image ? null : current.standing,
    settledRound: Math.max(standing.round, current.settledRound),
    residue: residue.name,
    pending: null,
    local: written?.name ?? null,
    rebase: null,
    previous: null,
  };
  await turnOver(replica, next, { base, residue: residue.source, frozen: null });
  await replica.local.restart(base);
  replica.local.progress = reopened(replica.local.progress);
  await discard(replica, ['prepared.json']);
}

/** What is not taken of the replica's work so far. */
function carriedOver(replica: Replica, asked: Adopted): Owed | null {
  const { current, slices, base, frozen, residue } = replica;
  const age = asked.round - current.standing.round;
  if (age < 0 || age > DELTA_MAX_AGE_ROUNDS) return null;
  const { pending, medianNorm } = current;
  const limit = residueLimit(medianNorm);
  const local = replica.local.weights() ?? base;
  const left = (offer: Offer): Owed => ({ windows: () => offered(slices, offer, extentOf(replica)), limit });
  if (!pending || isVoid(pending, asked)) return left({ base, local, residue });
  if (!frozen) return null;
  const taken = asked.committed.find(({ round }) => round === pending.round)?.taken ?? null;
  const owing = taken === null ? null : owed(replica, pending, { taken, medianNorm });
  if (!owing) return left({ base: frozen, local, residue: null });
  return { windows: () => withLater(replica, owing, { frozen, local }), limit };
}

/** The list of rounds goes beyond it and lacks it. */
const isVoid = ({ round }: Pending, { committed, round: newest }: Adopted): boolean =>
  round < newest && committed.length > 0 && !committed.some((one) => one.round === round);

/** What is owed of a contribution, and what was learned since it was frozen. Each window holds until the next. */
async function* withLater(
  { slices }: Replica,
  owing: Owed,
  { frozen, local }: { readonly frozen: VectorSource; readonly local: VectorSource },
): AsyncGenerator<VectorWindow> {
  let [before, after] = [new Float32Array(0), new Float32Array(0)];
  for await (const window of owing.windows()) {
    const { offset, values } = window;
    if (before.length !== values.length)
      [before, after] = [new Float32Array(values.length), new Float32Array(values.length)];
    await Promise.all([frozen.read(before, offset), local.read(after, offset)]);
    await slices.each(values.length, (from, to) => {
      for (let i = from; i < to; i += 1) values[i] = values[i]! + (before[i]! - after[i]!);
    });
    yield window;
  }
}

/** A closed record is on its way already. */
function reopened(progress: Progress): Progress {
  const { round } = progress;
  const isOpen = round !== null && !round.isClosed;
  return { ...progress, sinceReset: 0, round: isOpen ? openedRound(round.round, round.blockHash) : round };
}
