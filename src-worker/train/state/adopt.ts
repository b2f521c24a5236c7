import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { DELTA_MAX_AGE_ROUNDS } from '../limits.ts';
import { offered } from './algebra.ts';
import type { Current } from './current.ts';
import { stateName } from './layout.ts';
import { openedRound, type Progress } from './progress.ts';
import { discard, nextSerial, type Replica, standingOf, turnOver, withBooks, writeLocal } from './replica.ts';
import { type Owed, residueLimit, writeResidue } from './residue.ts';
import { freshImage } from './snapshot.ts';
import { momentumIn, readBase, writeStateFile } from './state-file.ts';
import { inMemory } from './vector-source.ts';

type Adopted = ParamsOf<TrainContract, 'adopt'>;

/**
 * Takes over a state that others committed. A pending contribution counts as taken whole; what the replica learned
 * beside it goes into the residue when its base is at most two rounds older, and is dropped when it is staler. The
 * local replica starts at the new base with zero moments, and an open round's record starts afresh: its first step
 * has to be taken at this base. The caller holds the engine's turn.
 */
export async function adopt(replica: Replica, asked: Adopted): Promise<Standing> {
  return withBooks(replica, async () => {
    if (asked.id === replica.current.standing.id) return standingOf(replica);
    const { elements, consensus } = replica;
    const expected = { digest: asked.baseDigest, pieceBytes: consensus.codec.pieceBytes };
    const base = await readBase(asked.path, elements, expected);
    if (!base)
      throw new AppError('STATE_FILE_MALFORMED', { reason: 'its digest is not that of the committed state' });
    const { id, round, baseDigest } = asked;
    const standing = { round, id, baseDigest, state: stateName(round, id) };
    const momentum = momentumIn(asked.path, elements);
    await writeStateFile(replica.disk, replica.folder.path(standing.state), { base, momentum });
    await standOn(replica, standing, base);
    return standingOf(replica);
  });
}

async function standOn(replica: Replica, standing: Current['standing'], base: Float32Array) {
  const { current } = replica;
  const residue = await writeResidue(replica, carriedOver(replica, standing.round));
  const serial = nextSerial(replica);
  const image = replica.local.image();
  const restarted = image && freshImage(base, reopened(replica.local.progress), image.lossScale);
  const written = await writeLocal(replica, restarted, standing.id);
  const next: Current = {
    ...current,
    serial,
    standing,
    formerly: current.standing,
    settledRound: Math.max(standing.round, current.settledRound),
    residue: residue.name,
    pending: null,
    local: written?.name ?? null,
    previous: null,
  };
  await turnOver(replica, next, { base, residue: residue.source, frozen: null });
  await replica.local.restart(inMemory(base));
  replica.local.progress = reopened(replica.local.progress);
  await discard(replica, ['prepared.json']);
}

/** What is not taken of the replica's work so far. */
function carriedOver(replica: Replica, round: number): Owed | null {
  const { current, slices, consensus, elements } = replica;
  const age = round - current.standing.round;
  if (age < 0 || age > DELTA_MAX_AGE_ROUNDS) return null;
  const { frozen, residue } = replica;
  if (current.pending && !frozen) return null;
  const base = inMemory(replica.base);
  const local = replica.local.weights() ?? base;
  const offer = current.pending ? { base: frozen!, local, residue: null } : { base, local, residue };
  return {
    windows: () => offered(slices, offer, { elements, chunkElements: consensus.codec.chunkElements }),
    limit: residueLimit(current.medianNorm),
  };
}

/** A closed record is on its way already. */
function reopened(progress: Progress): Progress {
  const { round } = progress;
  const isOpen = round !== null && !round.isClosed;
  return { ...progress, sinceReset: 0, round: isOpen ? openedRound(round.round, round.blockHash) : round };
}
