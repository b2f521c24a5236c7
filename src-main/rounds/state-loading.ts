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
import { followRound, type MissedRound, mayFollow, takenIn } from './following.ts';
import {
  LINEAGE_CALL_LIMIT_MS,
  STATE_FETCH_LIMIT_MS,
  SWARM_CALL_LIMIT_MS,
  TRAIN_CALL_LIMIT_MS,
} from './limits.ts';
import type { StateSource, WantedState } from './state-source.ts';

export interface LoadRequest {
  readonly id: Hex;
  readonly genesis: CommittedBase;
  /** What we stand on: a committed base is never left for a list that lacks it. */
  readonly standing: Standing;
  readonly folder: string;
  readonly donors: readonly Ss58[];
  /** Brings what it has beside peers; null: there is none. */
  readonly source: StateSource | null;
  /** Keeps the list that proves the state. Done before the state is adopted: a crash between leaves no base unproven. */
  keepLineage(lineage: readonly LineageEntry[]): Promise<void>;
}

/**
 * Goes to the state that the chain names, trusting no peer: the list of rounds must hash to that id. Who lacks a round or
 * two follows the first of them by its average; the host asks anew for what comes after it. Everybody else, and who finds
 * no average, takes over the whole state, which must hash to the digest in the list. A state that came in part is gone on
 * with; of earlier ones nothing is left.
 * @throws {AppError} STATE_NO_DONOR when no peer gives a list that leads to the id, BASE_NOT_IN_LIST when that list
 * lacks the base that we stand on: then one of the two was never committed, and nothing is given up for the other
 */
export async function loadState(
  swarm: ChildClient<SwarmContract>,
  train: ChildClient<TrainContract>,
  request: LoadRequest,
  signal: AbortSignal,
): Promise<Standing> {
  const { target, lineage, missed } = await findLineage(swarm, request, signal);
  const followed = await follow({ swarm, train }, { missed, lineage, request }, signal);
  if (followed) return followed;
  const name = `state-${target.round}.bin`;
  const path = join(request.folder, name);
  await removeStates(request.folder, name);
  const { standing: before, source } = request;
  const limited = withLimit(signal, STATE_FETCH_LIMIT_MS);
  await bring({ swarm, source, sizeBytes: before.state.sizeBytes }, { ...target, path }, limited);
  await request.keepLineage(lineage);
  const standing = await train.call(
    'adopt',
    { ...target, path, committed: await takenIn(swarm, missed, signal) },
    withLimit(signal, TRAIN_CALL_LIMIT_MS),
  );
  await removeStates(request.folder, null);
  return standing;
}

/** null where a whole state is needed. */
async function follow(
  children: Parameters<typeof followRound>[0],
  { missed, lineage, request }: Pick<FoundLineage, 'missed' | 'lineage'> & { readonly request: LoadRequest },
  signal: AbortSignal,
): Promise<Standing | null> {
  const [first] = missed;
  if (!first || !mayFollow(missed)) return null;
  const keep = () => request.keepLineage(lineage.slice(0, lineage.indexOf(first.entry) + 1));
  return followRound(children, first, keep, signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    console.error(`round ${first.entry.round} is not followed by its average`, thrown);
    return null;
  });
}

interface Ways {
  readonly swarm: ChildClient<SwarmContract>;
  readonly source: StateSource | null;
  readonly sizeBytes: number;
}

/**
 * From peers and stores at once; where neither brings it so, from a store alone.
 * @throws {AppError} STATE_NO_DONOR, or what the store failed with
 */
async function bring(ways: Ways, wanted: WantedState, signal: AbortSignal): Promise<void> {
  try {
    await fetchFromAll(ways, wanted, signal);
  } catch (thrown) {
    if (toCodedError(thrown).code !== 'STATE_NO_DONOR' || !ways.source) throw thrown;
    if (!(await ways.source.fetch(wanted, signal))) throw thrown;
  }
}

async function fetchFromAll(
  { swarm, source, sizeBytes }: Ways,
  wanted: WantedState,
  signal: AbortSignal,
): Promise<void> {
  const { baseDigest, path } = wanted;
  const fetched = new AbortController();
  const fetching = swarm
    .call('fetchState', { baseDigest, sizeBytes, path, hasStores: source !== null }, signal)
    .finally(() => fetched.abort());
  const feeding = source && feedFrom(swarm, source, wanted, AbortSignal.any([signal, fetched.signal]));
  await Promise.all([fetching, feeding]);
}

/** Whatever becomes of the stores, peers are enough; they wait for nobody once the stores have no more. */
async function feedFrom(
  swarm: ChildClient<SwarmContract>,
  source: StateSource,
  wanted: WantedState,
  signal: AbortSignal,
): Promise<void> {
  const { baseDigest } = wanted;
  const limited = () => withLimit(signal, SWARM_CALL_LIMIT_MS);
  await source
    .feed(
      wanted,
      {
        manifest: async (path) => (await swarm.call('giveManifest', { baseDigest, path }, signal)).isRight,
        claim: (store) => swarm.call('claimExtent', { baseDigest, store }, limited()),
        give: async (store, extent, path) =>
          (await swarm.call('giveExtent', { baseDigest, store, extent, path }, signal)).isRight,
        drop: async (store, extent) => {
          await swarm.call('dropExtent', { baseDigest, store, extent }, limited());
        },
      },
      signal,
    )
    .catch((thrown: unknown) => signal.aborted || console.error('stores of states failed', thrown));
  if (!signal.aborted) await swarm.call('closeStores', { baseDigest }, limited()).catch(() => undefined);
}

/** A state is gigabytes: only the one being fetched may lie here, and what belongs to it. */
async function removeStates(folder: string, except: string | null): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith('state-') && (except === null || (name !== except && name !== `${except}.part`)))
      await rm(join(folder, name), { recursive: true, force: true });
}

/** The longest that a few peers give first, then each by name, then what the stores have. */
export async function* listsOfRounds(
  swarm: ChildClient<SwarmContract>,
  { donors, source }: Pick<LoadRequest, 'donors' | 'source'>,
  signal: AbortSignal,
): AsyncGenerator<readonly LineageEntry[]> {
  for (const hotkey of [null, ...donors]) {
    const limited = withLimit(signal, LINEAGE_CALL_LIMIT_MS);
    yield await swarm.call('fetchLineage', { hotkey }, limited).catch(() => []);
  }
  if (source) yield* source.lineages(signal);
}

interface FoundLineage {
  readonly target: CommittedBase;
  readonly lineage: readonly LineageEntry[];
  /** The committed rounds between what we stand on and the target. */
  readonly missed: readonly MissedRound[];
}

/** Whoever is behind or lies is passed over. */
async function findLineage(
  swarm: ChildClient<SwarmContract>,
  { id, genesis, donors, standing, source }: LoadRequest,
  signal: AbortSignal,
): Promise<FoundLineage> {
  for await (const entries of listsOfRounds(swarm, { donors, source }, signal)) {
    const bases = verifyLineage(entries, genesis, id);
    const target = bases?.at(-1);
    // Its hash chain leads to the id, so every other list that does is the same one.
    const at = bases?.findIndex((base) => base.id === standing.id) ?? -1;
    if (bases && standing.round >= 0 && at < 0)
      throw new AppError('BASE_NOT_IN_LIST', { round: standing.round });
    if (bases && target) {
      const lineage = entries.slice(0, bases.length - 1);
      const missed = lineage.map((entry, i) => ({ entry, id: bases[i + 1]!.id })).slice(Math.max(0, at));
      return { target, lineage, missed };
    }
    signal.throwIfAborted();
  }
  throw new AppError('STATE_NO_DONOR', { round: '?' });
}
