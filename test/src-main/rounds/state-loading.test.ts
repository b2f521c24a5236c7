import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadState } from '../../../src-main/rounds/state-loading.ts';
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
    keepLineage: async (list: readonly LineageEntry[]) => void kept.push(list),
  };
  return { work: loadState(swarm, train, request, signal), kept, train };
}

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
