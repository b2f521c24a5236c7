import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Hex } from '../../../src-shared/units.ts';
import {
  butterflyOf,
  call,
  dropGroups,
  type Group,
  group,
  listingOf,
  never,
  ROUND,
  runAll,
} from './butterfly-group.ts';
import { played, playTime } from './played-time.ts';
import { plainDisk, readAverage } from './round.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const named = (g: Group, resultsDigest: Hex) => ({
  ...{ round: ROUND, rosterDigest: call(g).rosterDigest, resultsDigest },
});

/** The list of the first member, by its digest; null where it was killed over it. */
const composed = (g: Group) =>
  played(
    listingOf(g, 0)
      .listing.compose({ round: ROUND, rosterDigest: call(g).rosterDigest }, never)
      .then(({ resultsDigest }) => resultsDigest)
      .catch(() => null),
  );

const taken = (g: Group, i: number, resultsDigest: Hex) =>
  played(listingOf(g, i).listing.take(named(g, resultsDigest), never));

/** A round of three, of whom the first one's process is killed at so many changes to its disk behind the exchange. */
async function mortalGroup(at: number) {
  const life = { isListing: false, isDead: false, changes: 0 };
  const disk = plainDisk(() => {
    if (!life.isListing || (!life.isDead && life.changes++ < at)) return;
    life.isDead = true;
    throw new Error('killed');
  });
  const g = await group(3, { elements: 384, chunkElements: 64, disk: (i) => (i === 0 ? disk : undefined) });
  await runAll(g);
  life.isListing = true;
  return { g, life };
}

/** It begins again, and takes the round up where it was. */
async function restart(g: Group): Promise<void> {
  g.world.kill(g.members[0]!.hotkey);
  await played(g.butterflies[0]!.stop().catch(() => undefined));
  g.butterflies[0] = butterflyOf(g, 0);
  await played(g.butterflies[0]!.reduce(call(g), never));
}

/** @returns whether it was killed */
async function killedAt(at: number): Promise<boolean> {
  const { g, life } = await mortalGroup(at);
  const first = await composed(g);
  if (first) await taken(g, 0, first).catch(() => null);
  if (life.isDead) await restart(g);
  // What it has named it still gives: nobody else has that list.
  const name = first ?? (await composed(g))!;
  for (const i of [1, 2, 0]) await taken(g, i, name);
  const averages = await Promise.all(g.members.map((member) => readAverage(member, ROUND)));
  for (const { manifest, bytes } of averages) {
    expect(manifest.chunks).toEqual(averages[0]!.manifest.chunks);
    expect(Buffer.compare(bytes, averages[0]!.bytes)).toBe(0);
  }
  expect(averages[0]!.manifest.chunks).not.toContain(null);
  await dropGroups();
  return life.isDead;
}

it('a witness that is killed at any change to its disk gives the list that it named, and takes the average of it', async () => {
  let at = 0;
  while (await killedAt(at)) at++;
  expect(at).toBeGreaterThan(3);
});
