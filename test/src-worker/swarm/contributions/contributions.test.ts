import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { awakeNow } from '../../../../src-node/awake-clock.ts';
import { spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import type { Hex } from '../../../../src-shared/units.ts';
import { KnownRosters } from '../../../../src-worker/swarm/audit/rosters.ts';
import { Contributions } from '../../../../src-worker/swarm/contributions/contributions.ts';
import {
  CHUNKS_PER_ANSWER,
  COPIES_PER_WITNESS,
  COPIES_TO_OTHERS,
} from '../../../../src-worker/swarm/contributions/limits.ts';
import { Giving } from '../../../../src-worker/swarm/state/giving.ts';
import type { Patience } from '../../../../src-worker/swarm/state/patience.ts';
import { soon } from '../../../soon.ts';
import { call, dropGroups, ELEMENTS, type Group, group, never, ROUND } from '../butterfly-group.ts';
import { plainDisk } from '../round.ts';

const WITNESS = 3;
const OUTSIDER = 4;
const opened: Contributions[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const one of opened.splice(0)) await one.stop();
  await dropGroups();
});

/** Three that contribute, a witness and a validator that is none; each tier has chunks of a length of its own. */
const terms = [
  { weight: 3 },
  { weight: 4 },
  { weight: 5 },
  { weight: 0, reduces: false },
  { weight: 0, reduces: false },
];
const tiers = ['fp16', 'int8', 'sparse', 'fp16', 'fp16'] as const;

interface Handing {
  readonly g: Group;
  readonly contributions: readonly Contributions[];
  readonly givings: readonly Giving[];
}

/** Longer than any of these tests takes. */
const PATIENT: Patience = { behindMs: 600_000, contributionMs: 600_000 };

async function handing(patience = PATIENT): Promise<Handing> {
  const g = await group(5, { terms, tiers });
  const givings = g.members.map(() => new Giving());
  const contributions = g.members.map(({ hotkey, spoolDir }, i) => {
    const network = g.world.peers.get(hotkey)!;
    const rosters = new KnownRosters(g.grid, g.consensus, (of) => network.peerKey(of));
    rosters.note(call(g).roster, call(g).rosterDigest);
    const made = new Contributions({
      ...{ network, rosters, spoolDir, disk: plainDisk(), giving: givings[i]!, patience: () => patience },
      isWitness: (of) => of === g.members[WITNESS]!.hotkey,
    });
    opened.push(made);
    return made;
  });
  return { g, contributions, givings };
}

const folderOf = ({ g }: Handing, i: number) => join(g.members[i]!.spoolDir, spoolFolder(ROUND));
const fetchBy = ({ g, contributions }: Handing, by: number, of: number, signal = never) =>
  contributions[by]!.fetch({ rosterDigest: call(g).rosterDigest, hotkey: g.members[of]!.hotkey }, signal);

/** Lets pauses pass that nobody wants to wait for, and by the clock too. */
async function hurried<T>(work: () => Promise<T>, stepMs = 1_000): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const done = { is: false };
  const working = work().finally(() => {
    done.is = true;
  });
  await soon(async () => {
    await vi.advanceTimersByTimeAsync(stepMs);
    expect(done.is).toBe(true);
  });
  return working;
}

/** A clock that jumps is one that slept. */
function passAwake(spanMs: number): void {
  for (let passedMs = 0; passedMs < spanMs; passedMs += 1_000) {
    vi.advanceTimersByTime(1_000);
    awakeNow();
  }
}

describe('a contribution that is looked at', () => {
  it('comes as it was sent, in every codec, to witnesses and to validators that are none', async () => {
    const all = await handing();
    expect(all.g.grid.chunks).toBeGreaterThan(CHUNKS_PER_ANSWER);
    for (const by of [WITNESS, OUTSIDER])
      for (const of of [0, 1, 2]) {
        const { outcome, path } = await fetchBy(all, by, of);
        expect(outcome).toBe('held');
        expect(await readFile(path)).toEqual(
          await readFile(join(folderOf(all, of), spoolFiles.contribution)),
        );
      }
  });

  it('is whole also where the disk takes half at a time of what it is given', async () => {
    const all = await handing();
    const file = await open(join(all.g.members[WITNESS]!.spoolDir, 'any'), 'w');
    const handles = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const { write } = handles as unknown as {
      write(bytes: Uint8Array, to: { readonly position: number }): Promise<unknown>;
    };
    const halves = vi.spyOn(handles, 'write').mockImplementation(function half(
      this: FileHandle,
      ...[bytes, from, length, at]: [Uint8Array, number, number, number]
    ) {
      return write.call(this, bytes.subarray(from, from + Math.ceil(length / 2)), { position: at });
    } as never);
    try {
      const { outcome, path } = await fetchBy(all, WITNESS, 0);
      expect(outcome).toBe('held');
      expect(await readFile(path)).toEqual(await readFile(join(folderOf(all, 0), spoolFiles.contribution)));
    } finally {
      halves.mockRestore();
    }
  });

  it('is given to no other miner, which could only copy it', async () => {
    const all = await handing();
    expect(await hurried(() => fetchBy(all, 1, 0))).toMatchObject({ outcome: 'silent', bytes: 0 });
  });

  it('is given to a witness twice in a round, and to all others together a few times', async () => {
    const all = await handing();
    for (let i = 0; i < COPIES_PER_WITNESS; i++)
      expect(await fetchBy(all, WITNESS, 0)).toMatchObject({ outcome: 'held' });
    expect(await hurried(() => fetchBy(all, WITNESS, 0))).toMatchObject({ outcome: 'silent' });
    vi.useRealTimers();
    for (let i = 0; i < COPIES_TO_OTHERS; i++)
      expect(await fetchBy(all, OUTSIDER, 0)).toMatchObject({ outcome: 'held' });
    expect(await hurried(() => fetchBy(all, OUTSIDER, 0))).toMatchObject({ outcome: 'silent' });
  });

  it('that is not what was announced is foreign, and one of which nothing is left silent', async () => {
    const all = await handing();
    await writeFile(join(folderOf(all, 0), spoolFiles.contribution), new Uint8Array(2 * ELEMENTS));
    expect(await fetchBy(all, WITNESS, 0)).toMatchObject({ outcome: 'foreign' });
    await rm(folderOf(all, 1), { recursive: true });
    expect(await hurried(() => fetchBy(all, WITNESS, 1))).toMatchObject({ outcome: 'silent', bytes: 0 });
  });

  it('whose digests are not under the root is foreign, whatever chunks would follow', async () => {
    const all = await handing();
    const [miner, witness] = [all.g.members[0]!.hotkey, all.g.members[WITNESS]!.hotkey];
    all.g.world.tamper(miner, witness, 'contribution', (bytes, deliver) => {
      const changed = bytes.slice();
      // Behind the length and the head, which come by themselves.
      if (bytes.length > 5) changed[changed.length - 1]! ^= 1;
      deliver(changed);
    });
    const { outcome, bytes } = await fetchBy(all, WITNESS, 0);
    expect([outcome, bytes]).toEqual(['foreign', 32 * all.g.grid.chunks]);
  });

  it('comes of one whose weight was taken from it, for validators to see whether it should have some again', async () => {
    expect(await fetchBy(await handing(), WITNESS, OUTSIDER)).toMatchObject({ outcome: 'held' });
  });

  it('of one who cannot be reached, or offered nothing, is silent', async () => {
    const all = await handing();
    await rm(folderOf(all, OUTSIDER), { recursive: true });
    expect(await hurried(() => fetchBy(all, WITNESS, OUTSIDER))).toMatchObject({ outcome: 'silent' });
    all.g.world.kill(all.g.members[0]!.hotkey);
    expect(await hurried(() => fetchBy(all, WITNESS, 0))).toMatchObject({ outcome: 'silent' });
  });

  it('waits while a round averages, and comes when it is over', async () => {
    const all = await handing();
    const giveAgain = all.givings[0]!.hold();
    const open = vi.spyOn(all.g.world.peers.get(all.g.members[WITNESS]!.hotkey)!, 'open');
    const fetched = hurried(() => fetchBy(all, WITNESS, 0));
    // More often than one who gives no answer at all is asked.
    await soon(() => expect(open.mock.calls.length).toBeGreaterThan(5));
    giveAgain();
    expect(await fetched).toMatchObject({ outcome: 'held' });
  });

  it('of one who says "later" for ever is silent, long before an exchange would end the look', async () => {
    const all = await handing({ behindMs: 10_000, contributionMs: 60_000 });
    all.givings[0]!.hold();
    expect(await hurried(() => fetchBy(all, WITNESS, 0))).toMatchObject({ outcome: 'silent', bytes: 0 });
  });

  it.each([
    ['drips, each answer just in time, is silent', 55_000, 'silent'],
    ['is slow, and quick enough for its tier, is whole', 20_000, 'held'],
  ])('of one who %s', async (_name, delayMs, outcome) => {
    const all = await handing({ behindMs: 60_000, contributionMs: 60_000 });
    const [miner, witness] = [all.g.members[0]!.hotkey, all.g.members[WITNESS]!.hotkey];
    all.g.world.tamper(miner, witness, 'contribution', (bytes, deliver) => {
      // The length and the head of an answer come by themselves.
      if (bytes.length > 5) passAwake(delayMs);
      deliver(bytes);
    });
    expect(await hurried(() => fetchBy(all, WITNESS, 0), 0)).toMatchObject({ outcome });
  });

  it('is whole however long our own disk takes, for that is none of its sender’s doing', async () => {
    const all = await handing({ behindMs: 60_000, contributionMs: 60_000 });
    const file = await open(join(all.g.members[WITNESS]!.spoolDir, 'any'), 'w');
    const handles = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const { write } = handles as unknown as { write(...given: unknown[]): Promise<unknown> };
    const slow = vi.spyOn(handles, 'write').mockImplementation(function slowly(
      this: FileHandle,
      ...given: unknown[]
    ) {
      passAwake(100_000);
      return write.apply(this, given);
    } as never);
    try {
      expect(await hurried(() => fetchBy(all, WITNESS, 0), 0)).toMatchObject({ outcome: 'held' });
      expect(slow).toHaveBeenCalled();
    } finally {
      slow.mockRestore();
    }
  });

  it('is not waited for once nobody wants it any more', async () => {
    const all = await handing();
    all.givings[0]!.hold();
    const ending = new AbortController();
    const fetched = fetchBy(all, WITNESS, 0, ending.signal);
    ending.abort();
    await expect(fetched).rejects.toThrow();
  });

  it('of a round whose roster is not known here is our own fault', async () => {
    const { g, contributions } = await handing();
    const asked = { rosterDigest: 'ab'.repeat(32) as Hex, hotkey: g.members[0]!.hotkey };
    await expect(contributions[WITNESS]!.fetch(asked, never)).rejects.toMatchObject({ code: 'NOT_NOW' });
  });
});
