import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Standing, TrainContract } from '../../src-shared/contract/train.ts';
import { AppError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { type CommittedBase, verifyLineage } from '../../src-shared/rounds/lineage.ts';
import type { LineageEntry } from '../../src-shared/rounds/messages.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { STATE_FETCH_LIMIT_MS, SWARM_CALL_LIMIT_MS, TRAIN_CALL_LIMIT_MS } from './limits.ts';
import type { StateSource, WantedState } from './state-source.ts';

export interface LoadRequest {
  readonly id: Hex;
  readonly genesis: CommittedBase;
  /** What we stand on: a committed base is never left for a list that lacks it. */
  readonly standing: Standing;
  readonly folder: string;
  readonly donors: readonly Ss58[];
  /** Asked where no peer has what is wanted; null: there is none. */
  readonly source: StateSource | null;
  /** Keeps the list that proves the state. Done before the state is adopted: a crash between leaves no base unproven. */
  keepLineage(lineage: readonly LineageEntry[]): Promise<void>;
}

/**
 * Takes over the state that the chain names, trusting no peer: the list of rounds must hash to that id, the state
 * must hash to the digest in the list. A state that came in part is gone on with; of earlier ones nothing is left.
 * @throws {AppError} STATE_NO_DONOR when no peer gives a list that leads to the id, BASE_NOT_IN_LIST when that list
 * lacks the base that we stand on: then one of the two was never committed, and nothing is given up for the other
 */
export async function loadState(
  swarm: ChildClient<SwarmContract>,
  train: ChildClient<TrainContract>,
  request: LoadRequest,
  signal: AbortSignal,
): Promise<Standing> {
  const { target, lineage } = await findLineage(swarm, request, signal);
  const name = `state-${target.round}.bin`;
  const path = join(request.folder, name);
  await removeStates(request.folder, name);
  await bring(swarm, request, { ...target, path }, withLimit(signal, STATE_FETCH_LIMIT_MS));
  await request.keepLineage(lineage);
  const standing = await train.call(
    'adopt',
    { round: target.round, id: target.id, baseDigest: target.baseDigest, path },
    withLimit(signal, TRAIN_CALL_LIMIT_MS),
  );
  await removeStates(request.folder, null);
  return standing;
}

/** From peers; where none of them has it, from the stores. */
async function bring(
  swarm: ChildClient<SwarmContract>,
  { standing, source }: LoadRequest,
  wanted: WantedState,
  signal: AbortSignal,
): Promise<void> {
  const { baseDigest, path } = wanted;
  try {
    await swarm.call('fetchState', { baseDigest, sizeBytes: standing.state.sizeBytes, path }, signal);
  } catch (thrown) {
    if (!source || toCodedError(thrown).code !== 'STATE_NO_DONOR') throw thrown;
    if (!(await source.fetch(wanted, signal))) throw thrown;
  }
}

/** A state is gigabytes: only the one being fetched may lie here, and what belongs to it. */
async function removeStates(folder: string, except: string | null): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith('state-') && (except === null || !name.startsWith(except)))
      await rm(join(folder, name), { recursive: true, force: true });
}

/** Any peer first, then each by name, then what the stores have. */
async function* lists(
  swarm: ChildClient<SwarmContract>,
  { donors, source }: Pick<LoadRequest, 'donors' | 'source'>,
  signal: AbortSignal,
): AsyncGenerator<readonly LineageEntry[]> {
  for (const hotkey of [null, ...donors])
    yield await swarm
      .call('fetchLineage', { hotkey }, withLimit(signal, SWARM_CALL_LIMIT_MS))
      .catch(() => []);
  if (source) yield* source.lineages(signal);
}

/** Whoever is behind or lies is passed over. */
async function findLineage(
  swarm: ChildClient<SwarmContract>,
  { id, genesis, donors, standing, source }: LoadRequest,
  signal: AbortSignal,
): Promise<{ readonly target: CommittedBase; readonly lineage: readonly LineageEntry[] }> {
  for await (const entries of lists(swarm, { donors, source }, signal)) {
    const bases = verifyLineage(entries, genesis, id);
    const target = bases?.at(-1);
    // Its hash chain leads to the id, so every other list that does is the same one.
    if (bases && standing.round >= 0 && !bases.some((base) => base.id === standing.id))
      throw new AppError('BASE_NOT_IN_LIST', { round: standing.round });
    if (bases && target) return { target, lineage: entries.slice(0, bases.length - 1) };
    signal.throwIfAborted();
  }
  throw new AppError('STATE_NO_DONOR', { round: '?' });
}
