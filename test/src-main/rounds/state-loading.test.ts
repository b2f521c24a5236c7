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
  baseDigest: digestOf(`base ${round}`),
});
const lineage = [0, 1].map(entry);
const ids = [genesis];
for (const { round, rosterDigest, baseDigest } of lineage)
  ids.push(resultId(ids.at(-1)!, round, rosterDigest, baseDigest));

/** Anna stands somewhere and asks for the state of round 1, which Bob offers. */
async function load(standing: ReturnType<typeof standingOn>) {
  const hub = fakeHub();
  const folder = await mkdtemp(join(tmpdir(), 'loading-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const trainOf = (hotkey: (typeof miners)[0]) =>
    fakeTrain({ hotkey, consensus, profileHash: hashOf(consensus) });
  const train = trainOf(anna);
  const swarm = hub.join(anna, train);
  const donor = hub.join(bob, trainOf(bob));
  connectAll(
    new Map([
      [anna, swarm],
      [bob, donor],
    ]),
  );
  const offer = { baseDigest: entry(1).baseDigest, path: '/state', sizeBytes: 8, lineage };
  await donor.call('offerState', offer, signal);
  const kept: (readonly LineageEntry[])[] = [];
  const request = {
    id: ids[2]!,
    genesis: { round: -1, id: genesis, baseDigest: digestOf('first') },
    standing,
    folder,
    donors: [bob],
    source: null,
    keepLineage: async (list: readonly LineageEntry[]) => void kept.push(list),
  };
  return { work: loadState(swarm, train, request, signal), kept, train };
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
  const source: StateSource = {
    async *lineages() {
      yield* lists;
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
  return { work: loadState(swarm, train, request, signal), wanted, train, swarm };
}

describe('loading the state that the chain names from a store', () => {
  it('takes the first list that leads to it, and the state of that list', async () => {
    const wrong = [entry(0), { ...entry(1), baseDigest: digestOf('another') }];
    const { work, wanted } = await loadFromStore([wrong, lineage], true);
    expect(await work).toMatchObject({ round: 1, id: ids[2] });
    expect(wanted).toMatchObject([{ round: 1, baseDigest: entry(1).baseDigest }]);
  });

  it('waits for no peer where none had the list', async () => {
    const { work, swarm } = await loadFromStore([lineage], true);
    await work;
    expect(swarm.calls).not.toContain('fetchState');
  });

  it('asks peers all the same where a store fails, and says what it failed with where they have nothing', async () => {
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
});
