import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { rebased } from './algebra.ts';
import { type Current, namedFiles, type Pending } from './current.ts';
import { type Prepared, readPrepared } from './prepare.ts';
import { discard, nextSerial, type Replica, standingOf, turnOver, withBooks, writeLocal } from './replica.ts';
import { noResidue, type Owed, owed, type Residue, writeResidue } from './residue.ts';
import { readBase } from './state-file.ts';
import { inMemory, type VectorSource } from './vector-source.ts';

export type Settled = ParamsOf<TrainContract, 'settle'>;

/**
 * Applies what the chain decided, once; asked again it answers where the replica stands. The caller holds the
 * engine's turn.
 */
export async function settle(replica: Replica, asked: Settled): Promise<Standing> {
  return withBooks(replica, async () => {
    const { current } = replica;
    if (asked.round > current.settledRound && asked.resultId !== current.standing.id) {
      const { pending } = current;
      if (pending && pending.round < asked.round)
        await settlePending(replica, {
          round: pending.round,
          outcome: 'unknown',
          resultId: null,
          drawn: true,
          medianNorm: null,
        });
      await settlePending(replica, asked);
    }
    return standingOf(replica);
  });
}

/** The caller holds engine and books. */
export async function settlePending(replica: Replica, asked: Settled): Promise<void> {
  const prepared = await readPrepared(replica);
  const medianNorm = asked.medianNorm ?? replica.current.medianNorm;
  const pending = replica.current.pending?.round === asked.round ? replica.current.pending : null;
  if (asked.outcome === 'committed') await commit(replica, { ...asked, medianNorm }, pending, prepared);
  else await keepBase(replica, { ...asked, medianNorm }, pending);
  if (prepared) await dropPrepared(replica, prepared);
}

/** residue = delta + residue - what was taken; local = new base + (local - frozen). */
async function commit(
  replica: Replica,
  asked: Settled,
  pending: Pending | null,
  prepared: Prepared | null,
): Promise<void> {
  if (!prepared || prepared.round !== asked.round || prepared.resultId !== asked.resultId)
    throw new AppError('NOT_NOW', { what: `The commit of round ${asked.round}`, state: 'not prepared' });
  const { medianNorm } = asked;
  const { pieceBytes } = replica.consensus.codec;
  const expected = { digest: prepared.baseDigest, pieceBytes };
  const base = await readBase(replica.folder.path(prepared.state), replica.elements, expected);
  if (!base) throw new AppError('STATE_FILE_MALFORMED', { reason: 'the prepared state is not whole' });

  const taken = asked.drawn ? prepared.taken : '';
  const owing = pending ? owed(replica, pending, { taken, medianNorm }) : 'as before';
  const standing = {
    round: asked.round,
    id: prepared.resultId,
    baseDigest: prepared.baseDigest,
    state: prepared.state,
  };
  const from = startOfLocal(replica, pending);
  await moveOver(replica, asked, { standing, base, owing, from });
}

/**
 * Void, or a contribution that was never drawn: nothing was taken, base, residue and local stay. Unknown: taken
 * whole, so nothing is owed and only what came after the contribution is left in the local weights.
 */
async function keepBase(replica: Replica, asked: Settled, pending: Pending | null): Promise<void> {
  const { standing } = replica.current;
  if (asked.outcome === 'unknown' && pending && asked.drawn)
    return moveOver(replica, asked, {
      standing,
      base: replica.base,
      owing: null,
      from: startOfLocal(replica, pending),
    });
  const { current } = replica;
  const { round: settledRound, medianNorm } = asked;
  const next = { ...current, serial: nextSerial(replica), settledRound, medianNorm, pending: null };
  await turnOver(replica, next, { frozen: null });
}

/** The weights that the local replica's own progress counts from; null where they are lost. */
const startOfLocal = (replica: Replica, pending: Pending | null): VectorSource | null =>
  pending ? replica.frozen : inMemory(replica.base);

interface Move {
  readonly standing: Current['standing'];
  readonly base: Float32Array;
  readonly owing: Owed | null | 'as before';
  readonly from: VectorSource | null;
}

/** Residue and moved local replica are durable under new names, then one rename makes them and the base count. */
async function moveOver(
  replica: Replica,
  { round, medianNorm }: Settled,
  { standing, base, owing, from }: Move,
): Promise<void> {
  const { current, slices } = replica;
  const local = replica.local.weights();
  const moved = local && from ? rebased(slices, base, { local, from }) : inMemory(base);
  const serial = nextSerial(replica);
  const written = await writeLocal(replica, replica.local.image(moved), standing.id);
  const residue = owing === 'as before' ? residueNow(replica) : await writeResidue(replica, owing);
  const next: Current = {
    ...current,
    serial,
    standing,
    formerly: standing.id === current.standing.id ? current.formerly : current.standing,
    settledRound: round,
    medianNorm,
    residue: residue.name,
    pending: null,
    local: written?.name ?? null,
    previous: null,
  };
  await turnOver(replica, next, { base, residue: residue.source, frozen: null });
  // From the snapshot: the engine has what the disk has.
  await replica.local.move(written?.parameters ?? inMemory(base));
}

/** One whose file was lost is not named any more either. */
const residueNow = ({ residue, current }: Replica): Residue =>
  residue ? { name: current.residue, source: residue } : noResidue;

async function dropPrepared(replica: Replica, prepared: Prepared): Promise<void> {
  const isKept = namedFiles(replica.current).includes(prepared.state);
  await discard(replica, ['prepared.json', ...(isKept ? [] : [prepared.state])]);
}
