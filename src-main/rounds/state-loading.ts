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
  const { target, lineage, isOfStores } = await findLineage(swarm, request, signal);
  const name = `state-${target.round}.bin`;
  const path = join(request.folder, name);
  await removeStates(request.folder, name);
  const { standing: before, source } = request;
  const limited = withLimit(signal, STATE_FETCH_LIMIT_MS);
  const wanted = { ...target, path };
  const fromPeers = () => fetchFromPeers(swarm, before, wanted, limited);
  const fromStores = async () => (source ? source.fetch(wanted, limited) : false);
  // Whoever has a state has its list too: where no peer gave that, nobody is waited for before the stores were asked.
  await bring(isOfStores ? [fromStores, fromPeers] : [fromPeers, fromStores], target.round, limited);
  await request.keepLineage(lineage);
  const standing = await train.call(
    'adopt',
    { round: target.round, id: target.id, baseDigest: target.baseDigest, path },
    withLimit(signal, TRAIN_CALL_LIMIT_MS),
  );
  await removeStates(request.folder, null);
  return standing;
}

/** By the first way that has it. @throws what the first of them failed with, or {AppError} STATE_NO_DONOR */
async function bring(
  ways: readonly (() => Promise<boolean>)[],
  round: number,
  signal: AbortSignal,
): Promise<void> {
  let failure: { readonly thrown: unknown } | null = null;
  for (const way of ways)
    try {
      if (await way()) return;
    } catch (thrown) {
      signal.throwIfAborted();
      failure ??= { thrown };
    }
  throw failure ? failure.thrown : new AppError('STATE_NO_DONOR', { round });
}

/** @returns false where no peer has it */
async function fetchFromPeers(
  swarm: ChildClient<SwarmContract>,
  { state: { sizeBytes } }: Standing,
  { baseDigest, path }: WantedState,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await swarm.call('fetchState', { baseDigest, sizeBytes, path }, signal);
    return true;
  } catch (thrown) {
    if (toCodedError(thrown).code !== 'STATE_NO_DONOR') throw thrown;
    return false;
  }
}

/** A state is gigabytes: only the one being fetched may lie here, and what belongs to it. */
async function removeStates(folder: string, except: string | null): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith('state-') && (except === null || !name.startsWith(except)))
      await rm(join(folder, name), { recursive: true, force: true });
}

interface GivenList {
  readonly entries: readonly LineageEntry[];
  readonly isOfStores: boolean;
}

/** Any peer first, then each by name, then what the stores have. */
async function* lists(
  swarm: ChildClient<SwarmContract>,
  { donors, source }: Pick<LoadRequest, 'donors' | 'source'>,
  signal: AbortSignal,
): AsyncGenerator<GivenList> {
  for (const hotkey of [null, ...donors]) {
    const limited = withLimit(signal, SWARM_CALL_LIMIT_MS);
    const entries = await swarm.call('fetchLineage', { hotkey }, limited).catch(() => []);
    yield { entries, isOfStores: false };
  }
  if (source) for await (const entries of source.lineages(signal)) yield { entries, isOfStores: true };
}

interface FoundLineage {
  readonly target: CommittedBase;
  readonly lineage: readonly LineageEntry[];
  readonly isOfStores: boolean;
}

/** Whoever is behind or lies is passed over. */
async function findLineage(
  swarm: ChildClient<SwarmContract>,
  { id, genesis, donors, standing, source }: LoadRequest,
  signal: AbortSignal,
): Promise<FoundLineage> {
  for await (const { entries, isOfStores } of lists(swarm, { donors, source }, signal)) {
    const bases = verifyLineage(entries, genesis, id);
    const target = bases?.at(-1);
    // Its hash chain leads to the id, so every other list that does is the same one.
    if (bases && standing.round >= 0 && !bases.some((base) => base.id === standing.id))
      throw new AppError('BASE_NOT_IN_LIST', { round: standing.round });
    if (bases && target) return { target, lineage: entries.slice(0, bases.length - 1), isOfStores };
    signal.throwIfAborted();
  }
  throw new AppError('STATE_NO_DONOR', { round: '?' });
}
