import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { ROUNDS_FOLLOWED, type Standing, type TrainContract } from '../../src-shared/contract/train.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { LineageEntry } from '../../src-shared/rounds/messages.ts';
import type { Hex } from '../../src-shared/units.ts';
import { STATE_FETCH_LIMIT_MS, SWARM_CALL_LIMIT_MS, TRAIN_CALL_LIMIT_MS } from './limits.ts';

/** A committed round and the id that it left behind, as the hash chain gives it. */
export interface MissedRound {
  readonly entry: LineageEntry;
  readonly id: Hex;
}

interface Children {
  readonly swarm: ChildClient<SwarmContract>;
  readonly train: ChildClient<TrainContract>;
}

const nameOf = ({ round, rosterDigest, resultsDigest }: LineageEntry) => ({
  ...{ round, rosterDigest, resultsDigest },
});

/** Whether these rounds may be followed one by one: of more than some a whole state costs less. */
export const mayFollow = (missed: readonly MissedRound[]): boolean =>
  missed.length > 0 && missed.length <= ROUNDS_FOLLOWED;

/**
 * The first round that is missing, from its average: base, momentum and residue as with everybody who was there (ROUNDS
 * section 6). What is computed has to have the id that the chain names, so nobody is believed.
 * @param keepLineage keeps the list up to this round, before `train` stands on it
 * @throws {AppError} where nobody gives it, or what stands here leads elsewhere: then a whole state is needed
 */
export async function followRound(
  { swarm, train }: Children,
  { entry, id }: MissedRound,
  keepLineage: () => Promise<void>,
  signal: AbortSignal,
): Promise<Standing> {
  const { round, rosterDigest } = entry;
  const { drawn, medianNorm } = await swarm.call(
    'fetchAverage',
    nameOf(entry),
    withLimit(signal, STATE_FETCH_LIMIT_MS),
  );
  const prepared = await train.call(
    'prepare',
    { round, rosterDigest },
    withLimit(signal, TRAIN_CALL_LIMIT_MS),
  );
  if (prepared.resultId !== id)
    throw new AppError('STATE_FILE_MALFORMED', { reason: 'the base that it counts from is another one' });
  await keepLineage();
  return train.call(
    'settle',
    { round, outcome: 'committed', resultId: id, drawn, medianNorm },
    withLimit(signal, TRAIN_CALL_LIMIT_MS),
  );
}

/** The newest of those rounds with what each took of our contribution, as far as it is known here. */
export async function takenIn(
  swarm: ChildClient<SwarmContract>,
  missed: readonly MissedRound[],
  signal: AbortSignal,
): Promise<{ round: number; taken: string | null }[]> {
  const newest = missed.slice(-ROUNDS_FOLLOWED);
  return Promise.all(
    newest.map(async ({ entry }) => {
      const known = swarm.call('takenChunks', nameOf(entry), withLimit(signal, SWARM_CALL_LIMIT_MS));
      return { round: entry.round, taken: (await known.catch(() => null))?.taken ?? null };
    }),
  );
}
