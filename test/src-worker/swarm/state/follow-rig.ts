import { rm } from 'node:fs/promises';
import { ChunkCoder } from '../../../../src-shared/codec/chunk-coder.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { Lists } from '../../../../src-worker/swarm/reduce/lists.ts';
import { StateDonor } from '../../../../src-worker/swarm/state/donate.ts';
import { Follower } from '../../../../src-worker/swarm/state/follow.ts';
import { KeptRounds } from '../../../../src-worker/swarm/state/kept-rounds.ts';
import { call, type Group, listingOf, never } from '../butterfly-group.ts';
import { plainDisk, type TestMember, testMember } from '../round.ts';

export interface Following {
  readonly member: TestMember;
  readonly follower: Follower;
  readonly kept: KeptRounds;
  readonly donor: StateDonor;
  readonly liars: (readonly [Ss58, string])[];
  /** Bytes of the results that it still had to get, at the end. */
  readonly told: { receivedBytes: number; totalBytes: number }[];
}

/** What follows and gives rounds on a member's node, or on the node of somebody who was not drawn. */
export function followingOf(g: Group, i: number | TestMember): Following {
  const member = typeof i === 'number' ? g.members[i]! : i;
  const { hotkey, key, spoolDir } = member;
  const network = g.world.peers.get(hotkey) ?? g.world.join(hotkey, key.publicKey);
  const butterfly = typeof i === 'number' ? g.butterflies[i]! : null;
  const { grid, consensus } = g;
  const disk = plainDisk();
  const lists =
    typeof i === 'number'
      ? listingOf(g, i).lists
      : new Lists({ network, chunks: grid.chunks, spoolDir, disk, mayAsk: () => false });
  const coder = new ChunkCoder(grid, consensus);
  const kept = new KeptRounds({
    ...{ spoolDir, disk, coder, lists, signal: never },
    resultsOf: (rosterDigest) => butterfly?.resultsOf(rosterDigest) ?? null,
  });
  const liars: (readonly [Ss58, string])[] = [];
  const told: { receivedBytes: number; totalBytes: number }[] = [];
  const follower = new Follower({
    ...{ network, disk, grid, coder, spoolDir, lists, kept, liars: new Set<Ss58>() },
    onProgress: (progress) => told.push(progress),
    onLiar: (of, what) => liars.push([of, what]),
    release: async (rosterDigest) => butterfly?.release(rosterDigest),
  });
  return { member, follower, kept, donor: new StateDonor(network, 1_024, kept), liars, told };
}

/** All members of the group give, and know the roster. */
export async function givers(g: Group): Promise<Following[]> {
  const made = g.members.map((_, i) => followingOf(g, i));
  for (const { kept } of made) await kept.noteRoster(call(g).roster, call(g).rosterDigest);
  return made;
}

const strangers: TestMember[] = [];

/** A peer that was not drawn. */
export async function notDrawn(g: Group, number = 30): Promise<Following> {
  const member = await testMember(number);
  strangers.push(member);
  return followingOf(g, member);
}

export async function dropNotDrawn(): Promise<void> {
  for (const { spoolDir } of strangers.splice(0)) await rm(spoolDir, { recursive: true });
}
