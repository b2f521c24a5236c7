import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { DELTA_MAX_AGE_ROUNDS } from '../limits.ts';
import { capped, offered } from './algebra.ts';
import type { Current } from './current.ts';
import { stateName } from './layout.ts';
import { openedRound, type Progress } from './progress.ts';
import { discard, nextSerial, type Replica, standingOf, turnOver, withBooks, writeLocal } from './replica.ts';
import { residueLimit, writeResidue } from './settle.ts';
import { freshImage } from './snapshot.ts';
import { readBase, readMomentum, writeStateFile } from './state-file.ts';

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
    const momentum = base && (await readMomentum(asked.path, elements));
    if (!base || !momentum)
      throw new AppError('STATE_FILE_MALFORMED', { reason: 'its digest is not that of the committed state' });
    const { id, round, baseDigest } = asked;
    const standing = { round, id, baseDigest, state: stateName(round, id) };
    await writeStateFile(replica.disk, replica.folder.path(standing.state), base, momentum);
    await standOn(replica, standing, base);
    return standingOf(replica);
  });
}

async function standOn(replica: Replica, standing: Current['standing'], base: Float32Array) {
  const { current } = replica;
  const residue = await carriedOver(replica, standing.round);
  const serial = nextSerial(replica);
  const restarted = replica.local.image() && freshImage(base, reopened(replica.local.progress));
  const local = await writeLocal(replica, restarted, standing.id);
  const next: Current = {
    ...current,
    serial,
    standing,
    formerly: current.standing,
    settledRound: Math.max(standing.round, current.settledRound),
    residue: await writeResidue(replica, residue),
    pending: null,
    local,
    previous: null,
  };
  await turnOver(replica, next, { base, residue, frozen: null });
  await replica.local.restart(base);
  replica.local.progress = reopened(replica.local.progress);
  await discard(replica, ['prepared.json']);
}

/** What is not taken of the replica's work so far. */
async function carriedOver(replica: Replica, round: number): Promise<Float32Array | null> {
  const { current, base } = replica;
  const age = round - current.standing.round;
  if (age < 0 || age > DELTA_MAX_AGE_ROUNDS) return null;
  const local = (await replica.local.weights()) ?? base;
  const { pending } = current;
  if (pending && !replica.frozen) return null;
  const offer = pending
    ? { base: replica.frozen!, local, residue: null }
    : { base, local, residue: replica.residue };
  const rest = await offered(replica.slices, offer);
  return capped(replica.slices, rest, residueLimit(current.medianNorm));
}

/** A closed record is on its way already. */
function reopened(progress: Progress): Progress {
  const { round } = progress;
  const isOpen = round !== null && !round.isClosed;
  return { ...progress, sinceReset: 0, round: isOpen ? openedRound(round.round, round.blockHash) : round };
}
