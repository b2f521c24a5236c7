import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256, sha256Hex } from '../../../../src-node/sha256.ts';
import { ChunkCoder } from '../../../../src-shared/codec/chunk-coder.ts';
import type { ResultsName } from '../../../../src-shared/rounds/messages.ts';
import { resultsDigest } from '../../../../src-shared/rounds/results-list.ts';
import { spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import { hex } from '../../../../src-shared/units.ts';
import { NO_DONOR_LIMIT_MS } from '../../../../src-worker/swarm/state/limits.ts';
import { withPowerCut } from '../../../power-cut.ts';
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
  takeAll,
} from '../butterfly-group.ts';
import { played, playTime } from '../played-time.ts';
import { digestsOf, readAverage } from '../round.ts';
import { dropNotDrawn, type Following, followingOf, givers, notDrawn } from './follow-rig.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  await dropNotDrawn();
  vi.useRealTimers();
});

/** A round that all four committed, by the list of that name. */
async function committed(
  size = 4,
  elements = 5_620,
): Promise<{ g: Group; name: ResultsName; donors: Following[] }> {
  const g = await group(size, { elements });
  await runAll(g);
  const name = await takeAll(g);
  // What follows waits for nothing, but where a test says so.
  vi.useRealTimers();
  return { g, name, donors: await givers(g) };
}

/** Whether a member's average is the first one's, to the byte. */
async function hasAverage({ member }: Following, g: Group): Promise<boolean> {
  const [own, other] = await Promise.all([readAverage(member, ROUND), readAverage(g.members[0]!, ROUND)]);
  return (
    Buffer.compare(own.bytes, other.bytes) === 0 &&
    JSON.stringify(digestsOf(own.manifest)) === JSON.stringify(digestsOf(other.manifest))
  );
}

/** An average of another list lies in its spool. */
async function haveOther({ member }: Following, g: Group): Promise<void> {
  const { manifest, bytes } = await readAverage(g.members[0]!, ROUND);
  const other = bytes.fill(0, 0, 2_048);
  const digest = sha256Hex(other.subarray(0, 2_048));
  const [first, ...rest] = manifest.chunks;
  const folder = join(member.spoolDir, spoolFolder(ROUND));
  await writeFile(join(folder, spoolFiles.average), other);
  const chunks = [{ ...first!, digest }, ...rest];
  await writeFile(join(folder, spoolFiles.averageManifest), JSON.stringify({ ...manifest, chunks }));
}

/** A manifest means that every result which it names lies in the file. */
async function isSoundOrNone({ member }: Following, g: Group): Promise<boolean> {
  const found = await readAverage(member, ROUND).catch(() => null);
  const coder = new ChunkCoder(g.grid, g.consensus);
  return (found?.manifest.chunks ?? []).every((chunk, i) => {
    const at = coder.resultAt(i);
    return chunk?.digest === sha256Hex(found!.bytes.subarray(at, at + chunk!.sizeBytes!));
  });
}

/** How often a peer was sent results of single chunks. */
function countLeaves(g: Group, to: Following): { leaves: number } {
  const seen = { leaves: 0 };
  for (const { hotkey } of g.members)
    g.world.tamper(hotkey, to.member.hotkey, 'state', (bytes, deliver) => {
      // A head of five bytes comes first; lists and rosters are none of these lengths.
      if (bytes.length === 2_048) seen.leaves++;
      deliver(bytes);
    });
  return seen;
}

describe('a committed round', () => {
  it('is followed by who was not drawn, for two bytes a parameter', async () => {
    const { g, name } = await committed();
    const late = await notDrawn(g);
    expect(await late.follower.follow(name, never)).toEqual({ drawn: false, medianNorm: 1 });
    expect(await hasAverage(late, g)).toBe(true);
    expect((await readAverage(late.member, ROUND)).manifest.self).toBeNull();
    expect(late.told.at(-1)).toMatchObject({ receivedBytes: 2 * g.grid.elements });
    const files = await readdir(join(late.member.spoolDir, spoolFolder(ROUND)));
    expect(files.filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  it('is given by who followed it itself', async () => {
    const { g, name, donors } = await committed();
    const [first, second] = [await notDrawn(g), await notDrawn(g, 31)];
    await first.follower.follow(name, never);
    for (const { member } of donors) g.world.kill(member.hotkey);
    await second.follower.follow(name, never);
    expect(await hasAverage(second, g)).toBe(true);
  });

  it('is given from the disk after everybody has restarted', async () => {
    const { g, name } = await committed();
    for (const i of g.butterflies.keys()) {
      await g.butterflies[i]!.stop();
      g.butterflies[i] = butterflyOf(g, i);
      followingOf(g, i);
    }
    const late = await notDrawn(g);
    await late.follower.follow(name, never);
    expect(await hasAverage(late, g)).toBe(true);
  });

  it('is followed by a member that made its average of another list, which gets what differs and nothing else', async () => {
    const { g, name: listed } = await committed();
    const { rosterDigest } = call(g);
    const list = (await listingOf(g, 0).lists.find(listed, [], never))!;
    const right = { round: ROUND, rosterDigest, resultsDigest: resultsDigest(list, sha256) };
    const [, , , other] = await givers(g);
    // Two results of it are other ones.
    const path = join(other!.member.spoolDir, spoolFolder(ROUND), spoolFiles.average);
    await g.butterflies[3]!.release(rosterDigest);
    const bytes = await readFile(path);
    bytes.fill(1, 0, 4_096);
    await writeFile(path, bytes);
    const seen = countLeaves(g, other!);
    expect(await other!.follower.follow(right, never)).toMatchObject({ drawn: true });
    expect(seen.leaves).toBe(2);
    expect(await hasAverage(other!, g)).toBe(true);
    expect((await readAverage(other!.member, ROUND)).manifest.self).toBe(3);
  });

  it('is followed by a member that was away, as the one whose contribution is in it', async () => {
    const { g, name, donors } = await committed();
    const away = donors[2]!;
    await g.butterflies[2]!.stop();
    const folder = join(away.member.spoolDir, spoolFolder(ROUND));
    for (const file of await readdir(folder))
      if (!file.startsWith('contribution')) await rm(join(folder, file));
    g.butterflies[2] = butterflyOf(g, 2);
    const again = followingOf(g, 2);
    expect(await again.follower.taken(name, never)).toBeNull();
    expect(await again.follower.follow(name, never)).toMatchObject({ drawn: true });
    expect(await hasAverage(again, g)).toBe(true);
    expect(await again.follower.taken(name, never)).toBe('1'.repeat(g.grid.chunks));
  });

  it('took nothing of who has another contribution in its spool than the roster lists', async () => {
    const { g, name, donors } = await committed();
    const folder = join(donors[2]!.member.spoolDir, spoolFolder(ROUND));
    const path = join(folder, spoolFiles.contributionManifest);
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, root: hex('ab'.repeat(32)) }));
    expect(await donors[2]!.follower.taken(name, never)).toBe('0'.repeat(g.grid.chunks));
    // Where nobody can tell, it counts as taken.
    await rm(path);
    expect(await donors[2]!.follower.taken(name, never)).toBe('1'.repeat(g.grid.chunks));
  });

  it('is followed past a donor that gives a wrong result, which is named and asked no more', async () => {
    const { g, name, donors } = await committed();
    const late = await notDrawn(g);
    const liar = donors[0]!.member.hotkey;
    g.world.tamper(liar, late.member.hotkey, 'state', (bytes, deliver) =>
      deliver(bytes.length === 2_048 ? bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) : bytes),
    );
    await late.follower.follow(name, never);
    expect(late.liars).toEqual([[liar, 'piece']]);
    expect(await hasAverage(late, g)).toBe(true);
  });

  it('is followed past a donor that gives another list for it', async () => {
    const { g, name, donors } = await committed(3);
    const late = await notDrawn(g);
    const [liar] = donors;
    const listBytes = listingOf(g, 0).lists.listBytes;
    g.world.tamper(liar!.member.hotkey, late.member.hotkey, 'state', (bytes, deliver) =>
      deliver(bytes.length === listBytes ? bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) : bytes),
    );
    await late.follower.follow(name, never);
    expect(late.liars).toEqual([[liar!.member.hotkey, 'manifest']]);
    expect(await hasAverage(late, g)).toBe(true);
  });

  it('is not given from a disk that has spoilt it, and nobody is called a liar', async () => {
    const { g, name } = await committed();
    for (const i of g.butterflies.keys()) await g.butterflies[i]!.release(call(g).rosterDigest);
    const path = join(g.members[0]!.spoolDir, spoolFolder(ROUND), spoolFiles.average);
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(7));
    const late = await notDrawn(g);
    await late.follower.follow(name, never);
    expect(late.liars).toEqual([]);
    const { bytes: own } = await readAverage(late.member, ROUND);
    expect(Buffer.compare(own, (await readAverage(g.members[1]!, ROUND)).bytes)).toBe(0);
  });

  it('that nobody has any more is given up, and nothing is left of the try', async () => {
    const { g, name, donors } = await committed();
    for (const { member } of donors) {
      const path = join(member.spoolDir, spoolFolder(ROUND), spoolFiles.average);
      await truncate(path, 0);
    }
    for (const butterfly of g.butterflies) await butterfly.release(call(g).rosterDigest);
    playTime();
    const late = await notDrawn(g);
    const beganMs = performance.now();
    await expect(played(late.follower.follow(name, never))).rejects.toMatchObject({ code: 'STATE_NO_DONOR' });
    expect(performance.now() - beganMs).toBeLessThan(3 * NO_DONOR_LIMIT_MS);
    const files = await readdir(join(late.member.spoolDir, spoolFolder(ROUND)));
    expect(files.filter((file) => file.endsWith('.part'))).toEqual([]);
    expect(late.liars).toEqual([]);
  });

  it('whose roster nobody has is given up without asking for more', async () => {
    const { g, name } = await committed();
    const late = await notDrawn(g);
    const other = { ...name, rosterDigest: sha256Hex('another') };
    await expect(late.follower.follow(other, never)).rejects.toMatchObject({
      code: 'STATE_NO_DONOR',
    });
  });

  it('is waited for while all donors average, who give nothing of it then', async () => {
    const { g, name, donors } = await committed();
    const late = await notDrawn(g);
    playTime();
    const seen = countLeaves(g, late);
    const over = donors.map(({ donor }) => donor.giving.hold());
    const following = late.follower.follow(name, never);
    setTimeout(() => {
      expect(seen.leaves).toBe(0);
      for (const giveAgain of over) giveAgain();
    }, 2 * NO_DONOR_LIMIT_MS);
    await played(following);
    expect(seen.leaves).toBeGreaterThan(0);
    expect(await hasAverage(late, g)).toBe(true);
  });

  it('is a whole average or none, whenever the host is killed while it is followed', async () => {
    const { g, name } = await committed(3, 2_048);
    playTime();
    let number = 40;
    for (let at = 0, wasCut = true; wasCut; at++) {
      const late = await notDrawn(g, number++);
      await late.kept.noteRoster(call(g).roster, name.rosterDigest);
      await haveOther(late, g);
      wasCut = await withPowerCut(at, async () => {
        await played(late.follower.follow(name, never));
      });
      expect(await isSoundOrNone(late, g)).toBe(true);
      if (!wasCut) break;
      const again = followingOf(g, late.member);
      await played(again.follower.follow(name, never));
      expect(await hasAverage(again, g)).toBe(true);
    }
    expect(number).toBeGreaterThan(45);
  });
});
