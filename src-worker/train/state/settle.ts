import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { decodeValues, encodeValues } from '../../../src-shared/reduce/fp16.ts';
import { RESIDUE_MEDIANS } from '../limits.ts';
import { capped, offered, rebased } from './algebra.ts';
import type { Current, Pending } from './current.ts';
import { residueName } from './layout.ts';
import { type Prepared, readPrepared } from './prepare.ts';
import { discard, nextSerial, type Replica, standingOf, turnOver, writeLocal } from './replica.ts';
import { readBase } from './state-file.ts';
import { bytesOf } from './vectors.ts';

export type Settled = ParamsOf<TrainContract, 'settle'>;

/**
 * Applies what the chain decided, once; asked again it answers where the replica stands. The caller holds the
 * engine's turn.
 */
export async function settle(replica: Replica, asked: Settled): Promise<Standing> {
  return replica.books.take(async () => {
    const { current } = replica;
    if (asked.round > current.settledRound && asked.resultId !== current.standing.id) {
      const { pending } = current;
      if (pending && pending.round < asked.round)
        await settlePending(replica, {
          round: pending.round,
          outcome: 'unknown',
          resultId: null,
          drawn: true,
        });
      await settlePending(replica, asked);
    }
    return standingOf(replica);
  });
}

/** The caller holds engine and books. */
export async function settlePending(replica: Replica, asked: Settled): Promise<void> {
  const prepared = await readPrepared(replica);
  const pending = replica.current.pending?.round === asked.round ? replica.current.pending : null;
  if (asked.outcome === 'committed') await commit(replica, asked, pending, prepared);
  else await keepBase(replica, asked, pending);
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
  const { pieceBytes } = replica.consensus.codec;
  const expected = { digest: prepared.baseDigest, pieceBytes };
  const base = await readBase(replica.folder.path(prepared.state), replica.elements, expected);
  if (!base) throw new AppError('STATE_FILE_MALFORMED', { reason: 'the prepared state is not whole' });

  const residue = pending ? owed(replica, pending, asked.drawn ? prepared.taken : '') : replica.residue;
  const standing = {
    round: asked.round,
    id: prepared.resultId,
    baseDigest: prepared.baseDigest,
    state: prepared.state,
  };
  await moveOver(replica, asked.round, { standing, base, residue, from: startOfLocal(replica, pending) });
}

/**
 * Void, or a contribution that was never drawn: nothing was taken, base, residue and local stay. Unknown: taken
 * whole, so nothing is owed and only what came after the contribution is left in the local weights.
 */
async function keepBase(replica: Replica, asked: Settled, pending: Pending | null): Promise<void> {
  const { standing } = replica.current;
  if (asked.outcome === 'unknown' && pending && asked.drawn)
    return moveOver(replica, asked.round, {
      standing,
      base: replica.base,
      residue: null,
      from: startOfLocal(replica, pending),
    });
  const { current } = replica;
  const next = { ...current, serial: nextSerial(replica), settledRound: asked.round, pending: null };
  await turnOver(replica, next, { frozen: null });
}

/** delta + residue - decoded chunks that were taken. A lost snapshot counts as taken whole. */
function owed(replica: Replica, pending: Pending, taken: string): Float32Array | null {
  if (!replica.frozen) return null;
  const { codec: settings } = replica.consensus;
  const rest = offered(replica.base, replica.frozen, replica.residue);
  for (let at = 0, chunk = 0; at < rest.length; at += settings.chunkElements, chunk += 1)
    if (taken[chunk] === '1') {
      const part = rest.subarray(at, at + settings.chunkElements);
      // Encoding is deterministic: this is what went out, whether or not the spool still holds it.
      const sent = decodeValues(pending.codec, encodeValues(pending.codec, part, settings), settings);
      for (let i = 0; i < part.length; i += 1) part[i] = part[i]! - (sent?.[i] ?? 0);
    }
  const wasTaken = taken.includes('1');
  return capped(rest, wasTaken ? null : residueLimit(replica.current));
}

/** The weights that the local replica's own progress counts from; null where they are lost. */
const startOfLocal = (replica: Replica, pending: Pending | null): Float32Array | null =>
  pending ? replica.frozen : replica.base;

export const residueLimit = ({ medianNorm }: Current): number | null =>
  medianNorm === null ? null : RESIDUE_MEDIANS * medianNorm;

interface Move {
  readonly standing: Current['standing'];
  readonly base: Float32Array;
  readonly residue: Float32Array | null;
  readonly from: Float32Array | null;
}

/** Residue and moved local replica are durable under new names, then one rename makes them and the base count. */
async function moveOver(replica: Replica, round: number, { standing, base, residue, from }: Move) {
  const image = await replica.local.capture();
  const parameters = image && from ? rebased(base, image.parameters, from) : base;
  const serial = nextSerial(replica);
  const local = await writeLocal(replica, image && { ...image, parameters }, standing.id);
  const next: Current = {
    ...replica.current,
    serial,
    standing,
    settledRound: round,
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
  const kept = replica.current.standing.state;
  await discard(replica, ['prepared.json', ...(prepared.state === kept ? [] : [prepared.state])]);
}
