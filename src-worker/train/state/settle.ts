import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { VectorSource } from '../vector-source.ts';
import { rebased } from './algebra.ts';
import { type Current, namedFiles, type Pending } from './current.ts';
import { forgetEarlier } from './offer-files.ts';
import { type Prepared, readPrepared } from './prepare.ts';
import { discard, nextSerial, type Replica, standingOf, turnOver, withBooks, writeLocal } from './replica.ts';
import { noResidue, type Owed, owed, type Residue, writeResidue } from './residue.ts';
import { baseIn, isUntouched, soundBase } from './state-file.ts';

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
  const base = await preparedBase(replica, prepared);
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

/** Read once more where another process wrote it, or somebody touched it since; null where it is not that state. */
async function preparedBase(replica: Replica, { state, baseDigest }: Prepared): Promise<VectorSource | null> {
  const { folder, elements, consensus, written } = replica;
  const path = folder.path(state);
  if (written?.path === path && written.digest === baseDigest && (await isUntouched(written)))
    return baseIn(path);
  return soundBase(path, elements, { digest: baseDigest, pieceBytes: consensus.codec.pieceBytes });
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
  await forgetEarlier(replica, settledRound);
}

/** The weights that the local replica's own progress counts from; null where they are lost. */
const startOfLocal = (replica: Replica, pending: Pending | null): VectorSource | null =>
  pending ? replica.frozen : replica.base;

interface Move {
  readonly standing: Current['standing'];
  readonly base: VectorSource;
  readonly owing: Owed | null | 'as before';
  readonly from: VectorSource | null;
}

/** The residue is durable under a new name, then one rename makes it, the base and the local replica on it count. */
async function moveOver(
  replica: Replica,
  { round, medianNorm }: Settled,
  { standing, base, owing, from }: Move,
): Promise<void> {
  await forgetEarlier(replica, round);
  const { current, slices } = replica;
  const weights = replica.local.weights();
  const moved = weights && from ? rebased(slices, base, { local: weights, from }) : base;
  const serial = nextSerial(replica);
  const local = rebasedLater(replica, standing, from) ?? (await rebasedNow(replica, standing, moved));
  const residue = owing === 'as before' ? residueNow(replica) : await writeResidue(replica, owing);
  const next: Current = {
    ...current,
    ...local.names,
    serial,
    standing,
    formerly: standing.id === current.standing.id ? current.formerly : formerlyOf(replica, local.names),
    settledRound: round,
    medianNorm,
    residue: residue.name,
    pending: null,
    previous: null,
  };
  await turnOver(replica, next, { base, residue: residue.source, frozen: null });
  await moveLocal(replica, local.parameters ?? moved);
}

/** How CURRENT names the local replica on its new base, and where it lies if it was written. */
interface Rebased {
  readonly names: Pick<Current, 'local' | 'rebase'>;
  readonly parameters: VectorSource | null;
}

/**
 * Who trains keeps the base before only as long as the local replica counts from it: three states beside two snapshots
 * are more than a disk should hold, and where the disk spoils the newest one peers have it. Others, who check first
 * steps of the last round at it, keep it until the next commit.
 */
function formerlyOf({ current, local }: Replica, { rebase }: Rebased['names']): Current['formerly'] {
  const isNeeded = !local.image() || (rebase !== null && rebase.from === null);
  return isNeeded ? current.standing : null;
}

/**
 * The snapshot on the base before says all that a start needs, so no other one is written while the group waits; the
 * next one comes in its time. null where it does not: there is none, it waits for its own rebase already, or what it
 * counts from is lost.
 */
function rebasedLater(
  { current, local }: Replica,
  standing: Current['standing'],
  from: VectorSource | null,
): Rebased | null {
  const isOnStanding = current.local !== null && current.rebase === null;
  if (!local.image() || !isOnStanding || !from || standing.id === current.standing.id) return null;
  const rebase = { baseId: current.standing.id, from: current.pending?.frozen ?? null };
  return { names: { local: current.local, rebase }, parameters: null };
}

async function rebasedNow(
  replica: Replica,
  { id }: Current['standing'],
  moved: VectorSource,
): Promise<Rebased> {
  const written = await writeLocal(replica, replica.local.image(moved), id);
  const names = { local: written?.name ?? null, rebase: null };
  return { names, parameters: written?.parameters ?? null };
}

/** Weights that moved in part would count in part twice: then the replica starts at the base, as without a snapshot. */
async function moveLocal({ local, base }: Replica, onto: VectorSource): Promise<void> {
  try {
    await local.move(onto);
  } catch (thrown) {
    console.error('the local replica starts at the base', thrown);
    await local.restart(base);
  }
}

/** One whose file was lost is not named any more either. */
const residueNow = ({ residue, current }: Replica): Residue =>
  residue ? { name: current.residue, source: residue } : noResidue;

async function dropPrepared(replica: Replica, prepared: Prepared): Promise<void> {
  const isKept = namedFiles(replica.current).includes(prepared.state);
  await discard(replica, ['prepared.json', ...(isKept ? [] : [prepared.state])]);
}
