import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import { withLimit } from '../../../src-node/waits.ts';
import type { ResultsVote } from '../../../src-shared/rounds/messages.ts';
import { type ResultsList, resultsDigest } from '../../../src-shared/rounds/results-list.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';
import { type Hex, hex, type Ss58 } from '../../../src-shared/units.ts';
import { LIST_ASKS_PER_PEER, LIST_LIMIT_MS } from '../../../src-worker/swarm/limits.ts';
import { ask } from '../../../src-worker/swarm/net/ask.ts';
import { toBytes } from '../../../src-worker/swarm/net/json.ts';
import { decodeResultFrame, encodeResult, frameTypes } from '../../../src-worker/swarm/reduce/frames.ts';
import { Lists } from '../../../src-worker/swarm/reduce/lists.ts';
import { signResult } from '../../../src-worker/swarm/reduce/results.ts';
import { cutEverywhere } from '../../power-cut.ts';
import {
  answers,
  butterflyOf,
  call,
  dropGroups,
  type Group,
  group,
  listingOf,
  never,
  planOf,
  ROUND,
  runAll,
  takeAll,
} from './butterfly-group.ts';
import { played, playTime } from './played-time.ts';
import { digestsOf, plainDisk, readAverage, testMember } from './round.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const LIAR = 1;

/** The reducer signs another result for each member that it tells. */
function tellsEachAnother(g: Group): void {
  const plan = planOf(g, LIAR);
  for (const i of g.members.keys())
    answers(g, LIAR, [i], (frame) => {
      if (frame.type !== frameTypes.result) return frame;
      const { contributors, divisor, values } = decodeResultFrame(frame.payload);
      const other = Uint8Array.from(values, (byte, at) => (at === 0 ? byte ^ i : byte));
      const result = signResult(
        plan,
        frame.chunk,
        { contributors, divisor, values: other },
        g.members[LIAR]!.key.sign,
      );
      return { ...frame, payload: encodeResult(result) };
    });
}

const heldBy = (g: Group, i: number): readonly (Hex | undefined)[] => {
  const { average, plan } = g.butterflies[i]!.heldExchange(call(g).rosterDigest)!;
  return [...plan.part(LIAR)].map((chunk) => average.held(chunk)[0]?.digest);
};

/** Everybody's average, as bytes and digests. */
const averages = (g: Group) => Promise.all(g.members.map((member) => readAverage(member, ROUND)));

/** What the last member holds, as a list that it would sign. */
async function honestList(g: Group, by: number): Promise<ResultsList> {
  const { rosterDigest } = call(g);
  const { listing, lists } = listingOf(g, by);
  const composed = await played(listing.compose({ round: ROUND, rosterDigest }, never));
  const name = { round: ROUND, rosterDigest, resultsDigest: composed.resultsDigest! };
  return (await lists.find(name, [], never))!;
}

/** Member `by` proposes a list; whether another one may sign it. */
async function isSigned(g: Group, list: ResultsList, by = 0, judge = 2): Promise<boolean> {
  const { rosterDigest } = call(g);
  const name = { round: ROUND, rosterDigest, resultsDigest: resultsDigest(list, sha256) };
  await listingOf(g, by).lists.keep(name, list, never);
  const vote: ResultsVote = { ...name, proposer: g.members[by]!.hotkey };
  await played(listingOf(g, judge).listing.judge(vote));
  return listingOf(g, judge).sound.some((one) => one.resultsDigest === name.resultsDigest);
}

describe('the results list', () => {
  it.each([4, 8])('gives %i members one average, whatever a reducer told each of them', async (size) => {
    const g = await group(size);
    tellsEachAnother(g);
    await runAll(g);
    const before = g.members.map((_, i) => heldBy(g, i));
    expect(new Set(before.map((digests) => digests[0])).size).toBeGreaterThan(1);
    await takeAll(g);
    const [first, ...others] = await averages(g);
    for (const other of others) {
      expect(digestsOf(other.manifest)).toEqual(digestsOf(first!.manifest));
      expect(Buffer.compare(other.bytes, first!.bytes)).toBe(0);
    }
  });

  it('takes the results of standbys where it names them, and leaves out what it does not name', async () => {
    const g = await group(4);
    // The reducer holds results of its own, which nobody ever hears.
    answers(g, LIAR, [0, 2, 3], () => null);
    await runAll(g);
    const plan = planOf(g, 0);
    const part = [...plan.part(LIAR)];
    const { average } = g.butterflies[LIAR]!.heldExchange(call(g).rosterDigest)!;
    expect(part.map((chunk) => average.signerOf(chunk))).toEqual(part.map(() => LIAR));
    const list = (await honestList(g, 0)).map((leaf, chunk) => (chunk === part[0] ? null : leaf));
    expect(part.slice(1).map((chunk) => list[chunk]?.signer)).toEqual(
      part.slice(1).map((chunk) => plan.standbyOf(chunk)),
    );
    const name = {
      round: ROUND,
      rosterDigest: call(g).rosterDigest,
      resultsDigest: resultsDigest(list, sha256),
    };
    await listingOf(g, 0).lists.keep(name, list, never);
    await played(Promise.all(g.members.map((_, i) => listingOf(g, i).listing.take(name, never))));
    for (const { manifest, bytes } of await averages(g))
      for (const [chunk, entry] of manifest.chunks.entries()) {
        expect(entry?.digest ?? null).toBe(list[chunk]?.digest ?? null);
        if (!entry) continue;
        const at = plan.coder.resultAt(chunk);
        expect(sha256Hex(bytes.subarray(at, at + entry.sizeBytes!))).toBe(entry.digest);
      }
  });

  it('is signed by who holds all of it, and fetched by whom it lacks', async () => {
    const g = await group(4);
    await runAll(g);
    expect(await isSigned(g, await honestList(g, 0))).toBe(true);
  });

  it('is signed also where another result was held, once the named one was fetched and checked', async () => {
    const g = await group(4);
    tellsEachAnother(g);
    await runAll(g);
    expect(await isSigned(g, await honestList(g, 0))).toBe(true);
    expect(heldBy(g, 2)).toEqual(heldBy(g, 0));
  });

  it.each<[string, (list: ResultsList) => ResultsList]>([
    [
      'names a result that nobody holds',
      (list) => list.map((leaf, i) => (i === 3 ? { ...leaf!, digest: hex('ab'.repeat(32)) } : leaf)),
    ],
    [
      'names contributors that nobody signed',
      (list) => list.map((leaf, i) => (i === 3 ? { ...leaf!, contributors: 0b0111n, divisor: 3 } : leaf)),
    ],
    ['lacks 8 % of what is held', (list) => list.map((leaf, i) => (i === 3 ? null : leaf))],
    ['is of another grid', (list) => list.slice(1)],
  ])('that %s is signed by nobody honest', async (_how, change) => {
    const g = await group(4);
    await runAll(g);
    expect(await isSigned(g, change(await honestList(g, 0)))).toBe(false);
  });

  it('that covers less than the profile wants is composed and taken by nobody', async () => {
    const g = await group(4, { reduce: { commitShare: 0.9 } });
    await runAll(g);
    const whole = await honestList(g, 0);
    const short = whole.map((leaf, i) => (i < 2 ? null : leaf));
    const { rosterDigest } = call(g);
    const name = { round: ROUND, rosterDigest, resultsDigest: resultsDigest(short, sha256) };
    await listingOf(g, 0).lists.keep(name, short, never);
    await expect(played(listingOf(g, 2).listing.take(name, never))).rejects.toMatchObject({
      code: 'RESULTS_MISSING',
    });
    await expect(readAverage(g.members[2]!, ROUND)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('that names a result which its signer never signed is signed by nobody honest', async () => {
    const g = await group(4);
    await runAll(g);
    const { average } = g.butterflies[0]!.heldExchange(call(g).rosterDigest)!;
    const result = (await average.read(3))!;
    const values = Uint8Array.from(result.values, (byte, at) => (at === 0 ? byte ^ 1 : byte));
    await average.replace(3, { ...result, values });
    expect(await isSigned(g, await honestList(g, 0))).toBe(false);
  });

  it('that names what nobody can give is taken by nobody, and the right one still can be', async () => {
    const g = await group(4);
    await runAll(g);
    const list = await honestList(g, 0);
    const wrong = list.map((leaf, i) => (i === 3 ? { ...leaf!, digest: hex('ab'.repeat(32)) } : leaf));
    const { rosterDigest } = call(g);
    const name = { round: ROUND, rosterDigest, resultsDigest: resultsDigest(wrong, sha256) };
    await listingOf(g, 0).lists.keep(name, wrong, never);
    const { listing } = listingOf(g, 2);
    await expect(played(listing.take(name, never))).rejects.toMatchObject({ code: 'RESULTS_MISSING' });
    const right = { ...name, resultsDigest: resultsDigest(list, sha256) };
    expect((await played(listing.take(right, never))).elementsShare).toBe(1);
  });

  it('is whole on the disk or not there, whenever the power goes', async () => {
    const g = await group(3);
    await runAll(g);
    const list = await honestList(g, 0);
    const name = {
      round: ROUND + 1,
      rosterDigest: call(g).rosterDigest,
      resultsDigest: resultsDigest(list, sha256),
    };
    const { network, spoolDir } = {
      network: g.world.peers.get(g.members[0]!.hotkey)!,
      spoolDir: g.members[0]!.spoolDir,
    };
    const fresh = () =>
      new Lists({ network, chunks: g.grid.chunks, spoolDir, disk: plainDisk(), mayAsk: () => true });
    vi.useRealTimers();
    g.world.kill(g.members[0]!.hotkey);
    const changes = await cutEverywhere(
      () => rm(join(spoolDir, spoolFolder(ROUND + 1)), { recursive: true, force: true }),
      () => fresh().keep(name, list, never),
      async (_ground, wasCut) => {
        const found = await fresh().find(name, [], never);
        if (!wasCut) expect(found).not.toBeNull();
        if (found) expect(resultsDigest(found, sha256)).toBe(name.resultsDigest);
      },
    );
    expect(changes).toBeGreaterThan(2);
  });

  it('is on the disk before its digest is known, and is given again after a restart', async () => {
    const g = await group(3);
    await runAll(g);
    const { rosterDigest } = call(g);
    const { resultsDigest: named } = await played(
      listingOf(g, 0).listing.compose({ round: ROUND, rosterDigest }, never),
    );
    expect(await readdir(join(g.members[0]!.spoolDir, spoolFolder(ROUND)))).toContain(
      `results-${named}.list`,
    );
    await g.butterflies[0]!.stop();
    g.butterflies[0] = butterflyOf(g, 0);
    const list = await listingOf(g, 0).lists.find(
      { round: ROUND, rosterDigest, resultsDigest: named! },
      [],
      never,
    );
    expect(list && resultsDigest(list, sha256)).toBe(named);
  });

  it('is taken after a restart in the middle, with what was forgotten asked of others', async () => {
    const g = await group(4);
    await runAll(g);
    await g.butterflies[3]!.stop();
    g.butterflies[3] = butterflyOf(g, 3);
    await played(g.butterflies[3]!.reduce(call(g), never));
    await takeAll(g);
    const [first, , , last] = await averages(g);
    expect(digestsOf(last!.manifest)).toEqual(digestsOf(first!.manifest));
  });

  it('is given to members of its roster alone, and to each a bounded number of times', async () => {
    const g = await group(3);
    await runAll(g);
    const stranger = await testMember(9);
    const network = g.world.join(stranger.hotkey, stranger.key.publicKey);
    const { rosterDigest } = call(g);
    const { resultsDigest: named } = await played(
      listingOf(g, 0).listing.compose({ round: ROUND, rosterDigest }, never),
    );
    const question = toBytes({ round: ROUND, rosterDigest, resultsDigest: named });
    const limits = { maxBytes: 100_000, limitMs: 1_000, signal: never };
    const to = { hotkey: g.members[0]!.hotkey, protocol: 'list' } as const;
    await expect(played(ask(network, to, question, limits))).rejects.toMatchObject({ code: 'PEER_REFUSED' });
    const member = g.world.peers.get(g.members[1]!.hotkey)!;
    for (let asked = 0; asked < LIST_ASKS_PER_PEER; asked++) await played(ask(member, to, question, limits));
    await expect(played(ask(member, to, question, limits))).rejects.toMatchObject({ code: 'PEER_REFUSED' });
  });

  it('is had in time from the third one where two keep silent, who hold up nobody', async () => {
    const g = await group(4);
    await runAll(g);
    const list = await honestList(g, 3);
    const { rosterDigest } = call(g);
    const name = { round: ROUND, rosterDigest, resultsDigest: resultsDigest(list, sha256) };
    const [first, second] = g.members.map(({ hotkey }) => hotkey) as [Ss58, Ss58];
    for (const silent of [first, second])
      g.world.peers.get(silent)!.handle('list', () => new Promise(() => {}));
    // As long as one of them might take.
    const inTime = withLimit(never, LIST_LIMIT_MS);
    const found = await played(listingOf(g, 2).lists.find(name, [first, second], inTime));
    expect(found && resultsDigest(found, sha256)).toBe(name.resultsDigest);
  });

  it('has what it names fetched from who signed it, before others are asked', async () => {
    const g = await group(4);
    tellsEachAnother(g);
    await runAll(g);
    const asked: number[] = [];
    for (const i of [0, 1, 3])
      g.world.tamper(g.members[2]!.hotkey, g.members[i]!.hotkey, 'results', (bytes, deliver) => {
        asked.push(i);
        deliver(bytes);
      });
    expect(await isSigned(g, await honestList(g, 0))).toBe(true);
    expect(new Set(asked)).toEqual(new Set([0]));
  });

  it('is given no oftener to who names other rosters with it', async () => {
    const g = await group(3);
    await runAll(g);
    const list = await honestList(g, 0);
    const named = resultsDigest(list, sha256);
    const network = g.world.peers.get(g.members[0]!.hotkey)!;
    const { spoolDir } = g.members[0]!;
    const open = new Lists({
      network,
      chunks: g.grid.chunks,
      spoolDir,
      disk: plainDisk(),
      mayAsk: () => true,
    });
    await open.keep({ ...call(g), resultsDigest: named }, list, never);
    const member = g.world.peers.get(g.members[1]!.hotkey)!;
    const to = { hotkey: g.members[0]!.hotkey, protocol: 'list' } as const;
    const limits = { maxBytes: 100_000, limitMs: 1_000, signal: never };
    const askFor = (roster: number) => {
      const rosterDigest = sha256Hex(`roster ${roster}`);
      return played(ask(member, to, toBytes({ round: ROUND, rosterDigest, resultsDigest: named }), limits));
    };
    for (let asks = 0; asks < LIST_ASKS_PER_PEER; asks++) await askFor(asks);
    await expect(askFor(LIST_ASKS_PER_PEER)).rejects.toMatchObject({ code: 'PEER_REFUSED' });
  });

  it('is asked of the next one where somebody gives another list for it', async () => {
    const g = await group(3);
    await runAll(g);
    const list = await honestList(g, 1);
    const { rosterDigest } = call(g);
    const name = { round: ROUND, rosterDigest, resultsDigest: resultsDigest(list, sha256) };
    // The first one asked has something else under that name.
    await listingOf(g, 0).lists.keep(
      name,
      list.map((leaf, i) => (i === 0 ? null : leaf)),
      never,
    );
    const found = await played(listingOf(g, 2).lists.find(name, [g.members[0]!.hotkey], never));
    expect(found && resultsDigest(found, sha256)).toBe(name.resultsDigest);
  });
});
