import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadState } from '../../../src-main/rounds/state-loading.ts';
import type { StateSource, WantedState } from '../../../src-main/rounds/state-source.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profileHash as hashOf } from '../../../src-shared/profile/profile.ts';
import { resultId } from '../../../src-shared/rounds/ids.ts';
import type { LineageEntry } from '../../../src-shared/rounds/messages.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { connectAll, fakeHub } from '../../fakes/fake-swarm.ts';
import { fakeTrain } from '../../fakes/fake-train.ts';
import { consensus, digestOf, genesis, miners, standingOn } from './machine-bench.ts';

const signal = new AbortController().signal;
const [anna, bob] = miners as [(typeof miners)[0], (typeof miners)[0]];
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const entry = (round: number): LineageEntry => ({
  round,
  rosterDigest: digestOf(`roster ${round}`),
  resultsDigest: digestOf(`results ${round}`),
  baseDigest: digestOf(`base ${round}`),
});
const lineage = [0, 1].map(entry);
const ids = [genesis];
for (const one of [...lineage, entry(2)]) ids.push(resultId(ids.at(-1)!, one));

/**
 * Anna stands somewhere and asks for the state of the last of these rounds, which Bob offers.
 * @param of.average results digest of an average that Anna can have
 * @param of.taken what its swarm knows of its contribution
 */
async function load(
  standing: ReturnType<typeof standingOn>,
  of: { readonly rounds?: readonly number[]; readonly taken?: string; readonly average?: Hex } = {},
) {
  const lineage = (of.rounds ?? [0, 1]).map(entry);
  const last = lineage.at(-1)!;
  const hub = fakeHub();
  const folder = await mkdtemp(join(tmpdir(), 'loading-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const trainOf = (hotkey: (typeof miners)[0]) =>
    fakeTrain({ hotkey, consensus, profileHash: hashOf(consensus) });
  const train = trainOf(anna);
  const swarm = hub.join(anna, train);
  if (of.taken) swarm.answerNext('takenChunks', { taken: of.taken });
  if (of.average) {
    swarm.answerNext('fetchAverage', { drawn: true, medianNorm: 1 });
    train.average = { round: last.round, rosterDigest: last.rosterDigest, digest: of.average };
  }
  const donor = hub.join(bob, trainOf(bob));
  connectAll(
    new Map([
      [anna, swarm],
      [bob, donor],
    ]),
  );
  const offer = { baseDigest: last.baseDigest, path: '/state', sizeBytes: 8, lineage };
  await donor.call('offerState', offer, signal);
  const kept: (readonly LineageEntry[])[] = [];
  const request = {
    id: ids[lineage.length]!,
    genesis: { round: -1, id: genesis, baseDigest: digestOf('first') },
    standing,
    folder,
    donors: [bob],
    source: null,
    keepLineage: async (list: readonly LineageEntry[]) => void kept.push(list),
  };
  return { work: loadState(swarm, train, request, signal), kept, train, swarm };
}

/** Nobody is connected; a store has lists of rounds, and perhaps the state. */
async function loadFromStore(
  lists: readonly (readonly LineageEntry[])[],
  hasState: boolean,
  fetch: StateSource['fetch'] = async () => hasState,
) {
  const hub = fakeHub();
  const folder = await mkdtemp(join(tmpdir(), 'loading-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const train = fakeTrain({ hotkey: anna, consensus, profileHash: hashOf(consensus) });
  const swarm = hub.join(anna, train);
  swarm.failNext('fetchLineage', new AppError('PEER_REFUSED', { peer: 'any' }));
  swarm.failNext('fetchState', new AppError('STATE_NO_DONOR', { round: '?' }));
  const wanted: WantedState[] = [];
  const fed: WantedState[] = [];
  const source: StateSource = {
    async *lineages() {
      yield* lists;
    },
    async feed(state) {
      fed.push(state);
    },
    async fetch(state) {
      wanted.push(state);
      return fetch(state, signal);
    },
  };
  const request = {
    ...{ id: ids[2]!, genesis: { round: -1, id: genesis, baseDigest: digestOf('first') }, folder, source },
    ...{ standing: standingOn(genesis, -1), donors: [], keepLineage: async () => undefined },
  };
  return { work: loadState(swarm, train, request, signal), wanted, fed, train, swarm };
}

describe('loading the state that the chain names from a store', () => {
  it('takes the first list that leads to it, and the state of that list', async () => {
    const wrong = [entry(0), { ...entry(1), baseDigest: digestOf('another') }];
    const { work, wanted } = await loadFromStore([wrong, lineage], true);
    expect(await work).toMatchObject({ round: 1, id: ids[2] });
    expect(wanted).toMatchObject([{ round: 1, baseDigest: entry(1).baseDigest }]);
  });

  it('has stores feed what peers bring too, and says when they have no more', async () => {
    const { work, swarm, fed } = await loadFromStore([lineage], true);
    await work;
    expect(fed).toMatchObject([{ round: 1, baseDigest: entry(1).baseDigest }]);
    expect(swarm.calls).toEqual(expect.arrayContaining(['fetchState', 'closeStores']));
  });

  it('says what a store failed with that was asked alone, where peers have nothing', async () => {
    const { work, swarm } = await loadFromStore([lineage], true, () =>
      Promise.reject(new AppError('STORE_UNREACHABLE', { store: 'hub', why: 'gone' })),
    );
    await expect(work).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(swarm.calls).toContain('fetchState');
  });

  it('finds nothing where no list leads there', async () => {
    const { work, wanted } = await loadFromStore([lineage.slice(0, 1)], true);
    await expect(work).rejects.toMatchObject({ code: 'STATE_NO_DONOR' });
    expect(wanted).toEqual([]);
  });

  it('says what peers said where no store has the state', async () => {
    const { work, train } = await loadFromStore([lineage], false);
    await expect(work).rejects.toMatchObject({ code: 'STATE_NO_DONOR' });
    expect(train.calls).not.toContain('adopt');
  });
});

describe('loading the state that the chain names', () => {
  it.each([
    ['the initial weights', standingOn(genesis, -1)],
    ['an earlier base of its list', standingOn(ids[1]!, 0)],
  ])('leaves %s for it', async (_what, standing) => {
    const { work, kept } = await load(standing);
    expect(await work).toMatchObject({ round: 1, id: ids[2] });
    expect(kept).toEqual([lineage]);
  });

  it('leaves no committed base that its list of rounds lacks', async () => {
    const { work, kept, train } = await load(standingOn(digestOf('ours'), 0));
    await expect(work).rejects.toMatchObject({ code: 'BASE_NOT_IN_LIST', params: { round: 0 } });
    expect(kept).toEqual([]);
    expect(train.calls).not.toContain('adopt');
  });

  it('tells train which rounds were committed since, and what each took, where no average is to be had', async () => {
    const { work, swarm, train } = await load(standingOn(ids[1]!, 0), { taken: '0110' });
    await work;
    expect(swarm.calls).toEqual(expect.arrayContaining(['fetchAverage', 'takenChunks']));
    expect(train.adopted).toEqual([{ round: 1, committed: [{ round: 1, taken: '0110' }] }]);
  });

  it('asks for no average where so many rounds are missing that a state costs less', async () => {
    const { work, swarm } = await load(standingOn(genesis, -1), { rounds: [0, 1, 2] });
    await work;
    expect(swarm.calls).not.toContain('fetchAverage');
    expect(swarm.calls).toContain('fetchState');
  });
});

describe('following a round', () => {
  it('that leads to another id than the committed one is given up for the whole state', async () => {
    const { work, train } = await load(standingOn(ids[1]!, 0), { average: digestOf('results 1') });
    // The average is here, and what stands there does not lead to the id with it.
    expect(await work).toMatchObject({ round: 1, id: ids[2] });
    expect(train.calls).toEqual(expect.arrayContaining(['prepare', 'adopt']));
    expect(train.calls).not.toContain('settle');
  });
});
