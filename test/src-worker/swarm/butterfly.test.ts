import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { contributorsFromHex, membersOf } from '../../../src-shared/reduce/bitmap.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { Butterfly } from '../../../src-worker/swarm/reduce/butterfly.ts';
import {
  decodeResultFrame,
  encodeFrame,
  encodeResult,
  FrameReader,
  frameTypes,
  type SignedResult,
} from '../../../src-worker/swarm/reduce/frames.ts';
import { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import { signResult } from '../../../src-worker/swarm/reduce/results.ts';
import { SpoolDisk } from '../../../src-worker/swarm/spool-disk.ts';
import { canWatchFiles, type FileEvent, watchFiles } from '../../file-watch.ts';
import { MemoryWorld } from './memory-network.ts';
import {
  averageOf,
  type Contributed,
  contribute,
  digestsOf,
  gridOf,
  type MemberTerms,
  meanOf,
  plainDisk,
  readAverage,
  rosterOf,
  type TestMember,
  testConsensus,
  testMember,
  valuesOf,
} from './round.ts';

const ROUND = 7;
const ELEMENTS = 12_500;
const opened: Group[] = [];

interface Group {
  readonly world: MemoryWorld;
  readonly members: TestMember[];
  readonly butterflies: Butterfly[];
  readonly puts: (Contributed | null)[];
  readonly consensus: Consensus;
  readonly grid: ChunkGrid;
  readonly terms: readonly MemberTerms[];
}

async function group(
  size: number,
  options: {
    terms?: readonly MemberTerms[];
    reduce?: Partial<Consensus['reduce']>;
    values?: (member: number) => Float64Array;
    disk?: (member: number) => SpoolDisk | undefined;
  } = {},
): Promise<Group> {
  const consensus = testConsensus(options.reduce);
  const grid = gridOf(ELEMENTS, consensus);
  const world = new MemoryWorld();
  const members = await Promise.all(Array.from({ length: size }, (_, i) => testMember(i)));
  const terms = members.map((_, i) => options.terms?.[i] ?? {});
  const values = options.values ?? ((i) => valuesOf(i, ELEMENTS));
  const puts = await Promise.all(
    members.map((m, i) => contribute(m, { round: ROUND, grid, consensus }, values(i))),
  );
  const parts = { world, members, consensus, grid };
  const butterflies = members.map((_, i) => butterflyOf(parts, i, options.disk?.(i)));
  const made = { world, members, butterflies, puts, consensus, grid, terms };
  opened.push(made);
  return made;
}

/** A member's node on its spool, new or again. */
function butterflyOf(
  { world, members, consensus, grid }: Pick<Group, 'world' | 'members' | 'consensus' | 'grid'>,
  i: number,
  disk = plainDisk(),
): Butterfly {
  const { hotkey, key, spoolDir } = members[i]!;
  const network = world.join(hotkey, key.publicKey);
  return new Butterfly({ network, grid, consensus, spoolDir, sign: key.sign, disk, onEdges: () => {} });
}

const withNaN = (values: Uint8Array): Uint8Array => {
  const changed = values.slice();
  changed.set([0, 0x7e]);
  return changed;
};

afterEach(async () => {
  for (const { butterflies, members } of opened.splice(0)) {
    for (const butterfly of butterflies) await butterfly.stop();
    for (const { spoolDir } of members) await rm(spoolDir, { recursive: true });
  }
});

const call = (g: Group) => {
  const entries = g.members.map((member, i) => ({ member, put: g.puts[i] ?? null, terms: g.terms[i]! }));
  return { round: ROUND, slowdown: 1, ...rosterOf(ROUND, g.grid, entries) };
};

const never = new AbortController().signal;

const runAll = (g: Group, who = g.members.map((_, i) => i)): Promise<ReduceReport[]> =>
  Promise.all(who.map((i) => g.butterflies[i]!.reduce(call(g), never)));

/** Everybody's manifest; checked to agree, and each chunk against the mean of those its bitmap names. */
async function agreed(g: Group, who: readonly number[]) {
  const averages = await Promise.all(who.map((i) => readAverage(g.members[i]!, ROUND)));
  const [first] = averages;
  for (const other of averages) {
    expect(digestsOf(other.manifest)).toEqual(digestsOf(first!.manifest));
    expect(Buffer.compare(other.bytes, first!.bytes)).toBe(0);
  }
  for (const [chunk, entry] of first!.manifest.chunks.entries()) {
    if (!entry) continue;
    const from = membersOf(contributorsFromHex(entry.contributors)).map((i) => ({
      decoded: g.puts[i]!.decoded,
      weight: g.terms[i]!.weight ?? 1,
      clipExponent: g.terms[i]!.clipExponent ?? 0,
    }));
    expect(entry.divisor).toBe(from.reduce((sum, { weight }) => sum + weight, 0));
    expect(averageOf(g.consensus, g.grid, first!.bytes, chunk)).toEqual(
      meanOf(g.consensus, g.grid, chunk, from),
    );
  }
  return first!.manifest;
}

const contributorsIn = (manifest: Awaited<ReturnType<typeof agreed>>) =>
  manifest.chunks.map((c) => (c ? membersOf(contributorsFromHex(c.contributors)) : null));

describe('butterfly', () => {
  it.each([2, 3, 6])('gives %i members the same exact mean of all', async (size) => {
    const g = await group(size);
    const reports = await runAll(g);
    const manifest = await agreed(g, [...g.members.keys()]);
    const all = [...g.members.keys()];
    expect(contributorsIn(manifest)).toEqual(manifest.chunks.map(() => all));
    for (const { elementsShare, members } of reports) {
      expect(elementsShare).toBe(1);
      expect(members).toEqual(
        g.members.map(({ hotkey }) => ({ hotkey, takenShare: 1, returnedShare: 1, error: null })),
      );
    }
  });

  it('weighs and clips members as the roster says', async () => {
    const g = await group(4, {
      terms: [{ weight: 1 }, { weight: 5 }, { weight: 127, clipExponent: 6 }, { weight: 2 }],
    });
    await runAll(g);
    const manifest = await agreed(g, [0, 1, 2, 3]);
    expect(manifest.chunks[0]?.divisor).toBe(135);
  });

  it('gives a member of weight 0 the result and takes nothing from it', async () => {
    const g = await group(4, { terms: [{}, {}, {}, { weight: 0, reduces: false }] });
    const reports = await runAll(g);
    const manifest = await agreed(g, [0, 1, 2, 3]);
    expect(contributorsIn(manifest).every((set) => JSON.stringify(set) === '[0,1,2]')).toBe(true);
    expect(reports[3]!.members[3]!.takenShare).toBeNull();
  });

  it('gives the result to somebody who was not drawn', async () => {
    const g = await group(4);
    const outsider = await testMember(40);
    const butterfly = new Butterfly({
      network: g.world.join(outsider.hotkey, outsider.key.publicKey),
      grid: g.grid,
      consensus: g.consensus,
      spoolDir: outsider.spoolDir,
      sign: outsider.key.sign,
      disk: plainDisk(),
      onEdges: () => {},
    });
    g.butterflies.push(butterfly);
    const waiting = butterfly.reduce(call(g), never);
    await runAll(g, [0, 1, 2, 3]);
    await waiting;
    g.members.push(outsider);
    const manifest = await agreed(g, [0, 1, 2, 3, 4]);
    expect(manifest.chunks).not.toContain(null);
    expect((await readAverage(outsider, ROUND)).manifest.self).toBeNull();
  });

  it('goes on without a member that never starts', async () => {
    const g = await group(4);
    g.world.kill(g.members[3]!.hotkey);
    const reports = await runAll(g, [0, 1, 2]);
    const manifest = await agreed(g, [0, 1, 2]);
    const { firstChunk } = call(g).roster.members[3]!;
    expect(contributorsIn(manifest).slice(0, firstChunk)).toEqual(Array(firstChunk).fill([0, 1, 2]));
    expect(manifest.chunks.slice(firstChunk).every((chunk) => chunk === null)).toBe(true);
    expect(reports[0]!.members[3]).toMatchObject({ error: 'silent', takenShare: 0, returnedShare: 0 });
  });

  it('shares what a lost reducer had given to one member only', async () => {
    const g = await group(4);
    const lost = g.members[3]!.hotkey;
    const { firstChunk, chunkCount } = call(g).roster.members[3]!;
    // Its results reach member 0 alone; then it dies.
    for (const i of [1, 2])
      g.world.tamper(lost, g.members[i]!.hotkey, 'reduce', (bytes, deliver) => {
        if (bytes[0] !== frameTypes.result && bytes[0] !== frameTypes.done) deliver(bytes);
      });
    let delivered = 0;
    g.world.tamper(lost, g.members[0]!.hotkey, 'reduce', (bytes, deliver) => {
      deliver(bytes);
      if (bytes[0] === frameTypes.result && ++delivered === chunkCount)
        setImmediate(() => g.world.kill(lost));
    });
    const dead = g.butterflies[3]!.reduce(call(g), never).catch(() => null);
    await runAll(g, [0, 1, 2]);
    const manifest = await agreed(g, [0, 1, 2]);
    expect(manifest.chunks.slice(firstChunk)).not.toContain(null);
    await dead;
  });

  it('finds a silent member by its silence, without a closed stream', async () => {
    const g = await group(4, { reduce: { softDeadlineMs: 100_000, silentAfterMs: 300 } });
    const mute = g.members[2]!.hotkey;
    for (const i of [0, 1, 3]) g.world.tamper(mute, g.members[i]!.hotkey, 'reduce', () => {});
    const reports = await runAll(g, [0, 1, 3]);
    await agreed(g, [0, 1, 3]);
    expect(reports[0]!.members[2]!.error).toBe('silent');
    expect(reports[0]!.durationMs).toBeLessThan(g.consensus.reduce.hardDeadlineMs / 2);
  });

  it('closes chunks a soft deadline after quorum when one member is slow, and gives that member the result', async () => {
    const g = await group(4, { reduce: { softDeadlineMs: 50 } });
    const slow = g.members[1]!.hotkey;
    for (const i of [0, 2, 3])
      g.world.tamper(slow, g.members[i]!.hotkey, 'reduce', (bytes, deliver) => {
        // Its chunks crawl; its results and signs of life pass.
        if (bytes[0] !== frameTypes.chunk) deliver(bytes);
      });
    const reports = await runAll(g);
    const manifest = await agreed(g, [0, 1, 2, 3]);
    const own = call(g).roster.members[1]!;
    const sets = contributorsIn(manifest);
    expect(sets[0]).toEqual([0, 2, 3]);
    expect(sets[own.firstChunk]).toEqual([0, 1, 2, 3]);
    expect(reports[0]!.members[1]!.takenShare).toBeCloseTo(own.chunkCount / g.grid.chunks, 9);
  });

  it('drops a sender whose values are not finite, and nobody else', async () => {
    const g = await group(4, {
      values: (i) => valuesOf(i, ELEMENTS).map((x, at) => (i === 2 && at % 1_024 === 5 ? Number.NaN : x)),
    });
    const reports = await runAll(g);
    const manifest = await agreed(g, [0, 1, 3]);
    expect(contributorsIn(manifest).every((set) => JSON.stringify(set) === '[0,1,3]')).toBe(true);
    expect(reports[0]!.members[2]!.error).toBe('values');
  });

  it('drops a sender whose part exceeds the norm it declared', async () => {
    const g = await group(4, { terms: [{}, { norm: 1e-6 }, {}, {}] });
    const reports = await runAll(g);
    await agreed(g, [0, 2, 3]);
    expect(reports[0]!.members[1]!.error).toBe('norm');
  });

  it('drops a sender whose bytes are not those it committed to', async () => {
    const g = await group(4);
    const liar = g.members[2]!.hotkey;
    for (const i of [0, 1, 3])
      g.world.tamper(liar, g.members[i]!.hotkey, 'reduce', (bytes, deliver) => {
        const other = bytes.slice();
        if (other[0] === frameTypes.chunk) other[200]! ^= 1;
        deliver(other);
      });
    const reports = await runAll(g);
    const manifest = await agreed(g, [0, 1, 3]);
    expect(reports[0]!.members[2]!.error).toBe('bytes');
    const { firstChunk } = call(g).roster.members[2]!;
    expect(contributorsIn(manifest)[0]).toEqual([0, 1, 3]);
    expect(contributorsIn(manifest)[firstChunk]).toEqual([0, 1, 2, 3]);
  });

  it('takes no result that its reducer did not sign', async () => {
    const g = await group(4);
    const liar = g.members[0]!.hotkey;
    g.world.tamper(liar, g.members[1]!.hotkey, 'reduce', (bytes, deliver) => {
      const other = bytes.slice();
      if (other[0] === frameTypes.result) other[other.length - 1]! ^= 1;
      deliver(other);
    });
    const reports = await runAll(g);
    await agreed(g, [0, 1, 2, 3]);
    expect(reports[1]!.members[0]!.error).toBe('result: signature');
    expect(reports[1]!.elementsShare).toBe(1);
  });

  it.each<['quorum' | 'divisor' | 'values' | 'contributors', (result: SignedResult) => SignedResult]>([
    ['quorum', (result) => ({ ...result, contributors: 0b0011n, divisor: 2 })],
    ['divisor', (result) => ({ ...result, divisor: result.divisor + 1 })],
    ['contributors', (result) => ({ ...result, contributors: result.contributors | (1n << 40n) })],
    ['values', (result) => ({ ...result, values: withNaN(result.values) })],
  ])(
    'takes no result with a wrong %s, though its reducer signed it, and gets a true one elsewhere',
    async (fault, lie) => {
      const g = await group(4);
      const [liar, victim] = [g.members[0]!, g.members[1]!];
      const given = call(g);
      const plan = new RoundPlan({ ...given, grid: g.grid, consensus: g.consensus, hotkey: liar.hotkey });
      g.world.tamper(liar.hotkey, victim.hotkey, 'reduce', (bytes, deliver) => {
        const [frame] = new FrameReader(g.grid, 'liar').push(bytes);
        if (frame?.type !== frameTypes.result) return deliver(bytes);
        const told = lie(decodeResultFrame(frame.payload));
        deliver(
          encodeFrame({
            ...frame,
            payload: encodeResult(signResult(plan, frame.chunk, told, liar.key.sign)),
          }),
        );
      });
      const reports = await runAll(g);
      expect(reports[1]!.members[0]!.error).toBe(`result: ${fault}`);
      await agreed(g, [0, 1, 2, 3]);
      expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1, 1]);
    },
  );

  it('counts chunks once that come twice and in another order', async () => {
    const g = await group(3, { reduce: { softDeadlineMs: 2_000 } });
    const held: { bytes: Uint8Array; deliver: (bytes: Uint8Array) => void }[] = [];
    g.world.tamper(g.members[1]!.hotkey, g.members[0]!.hotkey, 'reduce', (bytes, deliver) => {
      if (bytes[0] !== frameTypes.chunk) return deliver(bytes);
      held.push({ bytes, deliver });
      if (held.length < call(g).roster.members[0]!.chunkCount) return;
      for (const late of held.toReversed()) {
        late.deliver(late.bytes);
        late.deliver(late.bytes);
      }
    });
    await runAll(g);
    const manifest = await agreed(g, [0, 1, 2]);
    expect(contributorsIn(manifest)).toEqual(manifest.chunks.map(() => [0, 1, 2]));
  });

  it('goes on where it was after a stream broke', async () => {
    const g = await group(3, { reduce: { softDeadlineMs: 3_000 } });
    let frames = 0;
    g.world.tamper(g.members[0]!.hotkey, g.members[1]!.hotkey, 'reduce', (bytes, deliver) => {
      frames++;
      // A header that cannot be: the other side breaks the stream.
      if (frames === 3) deliver(new Uint8Array(16).fill(255));
      else deliver(bytes);
    });
    await runAll(g);
    const manifest = await agreed(g, [0, 1, 2]);
    expect(manifest.chunks).not.toContain(null);
  });

  it('has no result below quorum, and says so in the manifest', async () => {
    const g = await group(5, { reduce: { hardDeadlineMs: 1_000, silentAfterMs: 200 } });
    for (const i of [2, 3, 4]) g.world.kill(g.members[i]!.hotkey);
    const reports = await runAll(g, [0, 1]);
    const manifest = await agreed(g, [0, 1]);
    expect(manifest.chunks.every((chunk) => chunk === null)).toBe(true);
    expect(reports.map((r) => r.elementsShare)).toEqual([0, 0]);
  });

  it('says after a restart what it said before, and joins the same round again', async () => {
    const g = await group(3, { reduce: { softDeadlineMs: 50, hardDeadlineMs: 8_000 } });
    const [first, second, third] = g.members.map(({ hotkey }) => hotkey) as [Ss58, Ss58, Ss58];
    const { chunkCount } = call(g).roster.members[0]!;
    const said = new Map<number, Set<string>>();
    const listen = (bytes: Uint8Array) => {
      const [frame] = new FrameReader(g.grid, 'first').push(bytes);
      if (frame?.type !== frameTypes.result && frame?.type !== frameTypes.none) return;
      const answer = Buffer.from(frame.payload).toString('hex') || 'none';
      said.set(frame.chunk, (said.get(frame.chunk) ?? new Set()).add(answer));
    };
    // In its first life it hears only one of the two others, and only that one hears what it says.
    const toldSecond = Promise.withResolvers<void>();
    for (const other of [second, third])
      g.world.tamper(first, other, 'reduce', (bytes, deliver) => {
        listen(bytes);
        deliver(bytes);
        if (said.size === chunkCount) toldSecond.resolve();
      });
    const inSecond = runAll(g, [1]);
    const life = g.butterflies[0]!.reduce(call(g), never).catch(() => null);
    await toldSecond.promise;
    g.world.kill(first);
    await g.butterflies[0]!.stop();
    await life;

    // In its second life it hears the other one, whose values were not in what it said.
    const inThird = runAll(g, [2]);
    g.butterflies[0] = butterflyOf(g, 0);
    const again = await g.butterflies[0]!.reduce(call(g), never);
    const reports = [again, ...(await inSecond), ...(await inThird)];
    const manifest = await agreed(g, [0, 1, 2]);
    expect([...said.values()].map((answers) => answers.size)).toEqual(Array(chunkCount).fill(1));
    expect(contributorsIn(manifest).slice(0, chunkCount)).toEqual(Array(chunkCount).fill([0, 1]));
    expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1]);
  });

  it('reports after a restart what it had sealed before', async () => {
    const g = await group(3);
    const [before] = await runAll(g);
    await g.butterflies[0]!.stop();
    g.butterflies[0] = butterflyOf(g, 0);
    const after = await g.butterflies[0]!.reduce(call(g), never);
    expect(after).toEqual({ ...before, durationMs: 0, bytesSent: 0, bytesReceived: 0 });
  });

  it('waits for room on a full disk, tells of it, and takes its part all the same', async () => {
    const told: string[] = [];
    let full = 3;
    const disk = new SpoolDisk(
      { notice: ({ code }) => told.push(code), clearNotice: (code) => told.push(`clear ${code}`) },
      (step, path) => {
        if (step === 'write' && path.endsWith('.part') && full-- > 0)
          throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      },
    );
    const g = await group(3, {
      reduce: { softDeadlineMs: 6_000, hardDeadlineMs: 12_000 },
      disk: (i) => (i === 0 ? disk : undefined),
    });
    const reports = await runAll(g);
    await agreed(g, [0, 1, 2]);
    expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1]);
    expect([told[0], told.at(-1)]).toEqual(['DISK_FULL', 'clear DISK_FULL']);
  });

  it.runIf(canWatchFiles)(
    'syncs values and answers before it says them, and all of the average before it is sealed',
    async () => {
      const g = await group(3);
      const events: (FileEvent | 'said')[] = await watchFiles();
      for (const other of [1, 2])
        g.world.tamper(g.members[0]!.hotkey, g.members[other]!.hotkey, 'reduce', (bytes, deliver) => {
          if (bytes[0] === frameTypes.result) events.push('said');
          deliver(bytes);
        });
      const alone = g.butterflies[0]!.reduce(call(g), never);
      await Promise.all([alone, runAll(g, [1, 2])]);
      const sayer = g.members[0]!.spoolDir;
      const before = (events.slice(0, events.indexOf('said')) as FileEvent[]).filter(({ path }) =>
        path.startsWith(sayer),
      );
      const synced = before.filter(({ what }) => what === 'sync').map(({ name }) => name);
      expect(synced).toContain('average.bin.part');
      expect(before.filter(({ name }) => name === 'answers.jsonl').at(-1)?.what).toBe('sync');
      const onAverage = (events.filter((event) => event !== 'said') as FileEvent[]).filter(
        ({ name }) => name === 'average.bin.part',
      );
      // Each of the three seals with a sync behind its last write.
      expect(onAverage.slice(-3).map(({ what }) => what)).toContain('sync');
      expect(onAverage.at(-1)?.what).toBe('sync');
    },
  );

  it('stops at once and writes nothing when the host cancels', async () => {
    const g = await group(3);
    const cancel = new AbortController();
    const running = g.butterflies[0]!.reduce(call(g), cancel.signal);
    cancel.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await expect(readAverage(g.members[0]!, ROUND)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('returns the same report when the host asks again', async () => {
    const g = await group(2);
    const [first] = await runAll(g);
    expect(await g.butterflies[0]!.reduce(call(g), never)).toBe(first);
  });

  it('refuses a roster whose parts do not cover the model', async () => {
    const g = await group(3);
    const given = call(g);
    const members = given.roster.members.map((m, i) =>
      i === 0 ? { ...m, chunkCount: m.chunkCount - 1 } : m,
    );
    const broken = { ...given, roster: { ...given.roster, members } };
    await expect(g.butterflies[0]!.reduce(broken, never)).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
  });
});
