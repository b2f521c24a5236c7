import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { decodeValues, encodeValues } from '../../../src-shared/reduce/fp16.ts';
import { RESIDUE_MEDIANS } from '../limits.ts';
import { capped, offered, rebased } from './algebra.ts';
import { type Current, namedFiles, type Pending } from './current.ts';
import { residueName } from './layout.ts';
import { type Prepared, readPrepared } from './prepare.ts';
import { discard, nextSerial, type Replica, standingOf, turnOver, withBooks, writeLocal } from './replica.ts';
import { readBase } from './state-file.ts';
import { bytesOf } from './vectors.ts';

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
  const residue = pending ? await owed(replica, pending, { taken, medianNorm }) : replica.residue;
  const standing = {
    round: asked.round,
    id: prepared.resultId,
    baseDigest: prepared.baseDigest,
    state: prepared.state,
  };
  const from = startOfLocal(replica, pending);
  await moveOver(replica, asked, { standing, base, residue, from });
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
      residue: null,
      from: startOfLocal(replica, pending),
    });
  const { current } = replica;
  const { round: settledRound, medianNorm } = asked;
  const next = { ...current, serial: nextSerial(replica), settledRound, medianNorm, pending: null };
  await turnOver(replica, next, { frozen: null });
}

/**
 * delta + residue - decoded chunks that were taken, and never more than some medians: what a small part of it missed
 * every round would otherwise grow without end. A lost snapshot counts as taken whole.
 */
async function owed(
  replica: Replica,
  pending: Pending,
  { taken, medianNorm }: { readonly taken: string; readonly medianNorm: number | null },
): Promise<Float32Array | null> {
  const { base, frozen: local, residue, slices, consensus } = replica;
  if (!local) return null;
  const { codec: settings } = consensus;
  const rest = await offered(slices, { base, local, residue });
  for (let at = 0, chunk = 0; at < rest.length; at += settings.chunkElements, chunk += 1) {
    if (taken[chunk] !== '1') continue;
    const part = rest.subarray(at, at + settings.chunkElements);
    // Encoding is deterministic: this is what went out, whether or not the spool still holds it.
    const sent = decodeValues(pending.codec, encodeValues(pending.codec, part, settings), settings);
    for (let i = 0; i < part.length; i += 1) part[i] = part[i]! - (sent?.[i] ?? 0);
    await slices.worked(part.length);
  }
  return capped(slices, rest, residueLimit(medianNorm));
}

/** The weights that the local replica's own progress counts from; null where they are lost. */
const startOfLocal = (replica: Replica, pending: Pending | null): Float32Array | null =>
  pending ? replica.frozen : replica.base;

export const residueLimit = (medianNorm: number | null): number | null =>
  medianNorm === null ? null : RESIDUE_MEDIANS * medianNorm;

interface Move {
  readonly standing: Current['standing'];
  readonly base: Float32Array;
  readonly residue: Float32Array | null;
  readonly from: Float32Array | null;
}

/** Residue and moved local replica are durable under new names, then one rename makes them and the base count. */
async function moveOver(
  replica: Replica,
  { round, medianNorm }: Settled,
  { standing, base, residue, from }: Move,
): Promise<void> {
  const { current, slices } = replica;
  const weights = await replica.local.weights();
  const parameters = weights && from ? await rebased(slices, base, { local: weights, from }) : base;
  const serial = nextSerial(replica);
  const local = await writeLocal(replica, replica.local.image(parameters), standing.id);
  const next: Current = {
    ...current,
    serial,
    standing,
    formerly: standing.id === current.standing.id ? current.formerly : current.standing,
    settledRound: round,
    medianNorm,
    residue: await writeResidue(replica, residue),
    pending: null,
    local,
    previous: null,
  };
  await turnOver(replica, next, { base, residue, frozen: null });
  await replica.local.move(parameters);
}

export async function writeResidue(replica: Replica, residue: Float32Array | null): Promise<string | null> {
  if (!residue) return null;
  const name = residueName(nextSerial(replica));
  await replica.disk.write(replica.folder.path(name), [bytesOf(residue)], { seal: true });
  return name;
}

async function dropPrepared(replica: Replica, prepared: Prepared): Promise<void> {
  const isKept = namedFiles(replica.current).includes(prepared.state);
  await discard(replica, ['prepared.json', ...(isKept ? [] : [prepared.state])]);
}
