import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Replica } from '../state/replica.ts';
import { isKept } from '../state/replica.ts';
import { soundBase } from '../state/state-file.ts';
import type { VectorSource } from '../vector-source.ts';
import type { Opening, Trainer } from './trainer.ts';

/** The base on which a round opened: what all its miners took their first step at, and descended from. */
export interface BaseOfRound {
  readonly base: VectorSource;
  /** @throws {AppError} NOT_NOW once its file is no longer kept; to be asked before each look at it */
  check(): void;
}

/**
 * A round that did not open in this process yet stands on the current base, if that is not newer than the round.
 * @throws {AppError} NOT_NOW where nothing names its state any more
 */
export async function baseAtOpening(trainer: Trainer, round: number): Promise<BaseOfRound> {
  const { openings, replica } = trainer;
  const opening = openings.find((at) => at.round === round);
  const { standing, settledRound } = replica.current;
  const of = (base: VectorSource, state: Opening['standing']): BaseOfRound => ({
    base,
    check() {
      if (!isKept(replica, state)) throw pastIt(round);
    },
  });
  const isCurrent = opening ? opening.standing.id === standing.id : round > settledRound;
  if (isCurrent) return of(replica.base, standing);
  const base = opening && isKept(replica, opening.standing) ? await earlierBase(replica, opening) : null;
  if (base) return of(base, opening!.standing);
  throw pastIt(round);
}

const pastIt = (round: number) =>
  new AppError('NOT_NOW', { what: `Checking round ${round}`, state: 'past it' });

/** @returns null where its state is no longer kept: two commits later nothing names it */
async function earlierBase(
  { elements, consensus, folder }: Replica,
  opening: Opening,
): Promise<VectorSource | null> {
  const { state, baseDigest } = opening.standing;
  const expected = { digest: baseDigest, pieceBytes: consensus.codec.pieceBytes };
  opening.base ??= await soundBase(folder.path(state), elements, expected);
  return opening.base;
}
