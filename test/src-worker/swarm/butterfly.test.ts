import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { valueCodecs } from '../../../src-shared/codec/table.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ROUNDS_KEPT, TRANSITS_LEAST } from '../../../src-worker/swarm/limits.ts';
import { Butterfly } from '../../../src-worker/swarm/reduce/butterfly.ts';
import {
  decodeResultFrame,
  encodeFrame,
  encodeResult,
  FrameReader,
  frameTypes,
  type SignedResult,
} from '../../../src-worker/swarm/reduce/frames.ts';
import { signResult } from '../../../src-worker/swarm/reduce/results.ts';
import { SpoolDisk } from '../../../src-worker/swarm/spool-disk.ts';
import { canWatchFiles, type FileEvent, watchFiles } from '../../file-watch.ts';
import {
  agreed,
  begin,
  butterflyOf,
  call,
  contributorsIn,
  dropGroups,
  ELEMENTS,
  group,
  listingOf,
  never,
  planOf,
  ROUND,
  runAll,
  takeAll,
} from './butterfly-group.ts';
import { played, playFor, playTime } from './played-time.ts';
import { plainDisk, readAverage, testMember, valuesOf } from './round.ts';

const withNaN = (values: Uint8Array): Uint8Array => {
  const changed = values.slice();
  changed.set([0, 0x7e]);
  return changed;
};

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

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
        g.members.map(({ hotkey }) => ({ hotkey, takenShare: 1, returnedShare: 1, stoodIn: 0, error: null })),
      );
    }
  });

  it.each(['fp16', 'int8'] as const)(
    'gives members of all tiers one exact mean of what each of them sent, in %s',
    async (result) => {
      const tiers = ['fp16', 'int8', 'int4', 'sparse'] as const;
      const terms = [{ weight: 3 }, { weight: 127 }, { weight: 64, clipExponent: 2 }, { weight: 90 }];
      const g = await group(4, { tiers, result, terms });
      const reports = await runAll(g);
      const manifest = await agreed(g, [0, 1, 2, 3]);
      expect(contributorsIn(manifest)).toEqual(manifest.chunks.map(() => [0, 1, 2, 3]));
      expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1, 1]);
    },
  );

  it('brings back nothing but bits where all that anybody sent are zeros', async () => {
    const g = await group(3, { result: 'int8', values: () => new Float64Array(ELEMENTS) });
    await runAll(g);
    const manifest = await agreed(g, [0, 1, 2]);
    expect(manifest.chunks.map((chunk) => chunk?.sizeBytes)).toEqual(manifest.chunks.map(() => 1));
  });

  it('drops a sender whose chunks come in another codec than it announced', async () => {
    const g = await group(4, { tiers: ['fp16', 'int8', 'fp16', 'fp16'] });
    const liar = g.members[1]!.hotkey;
    for (const { hotkey } of g.members)
      g.world.tamper(liar, hotkey, 'reduce', (bytes, deliver) => {
        const changed = bytes.slice();
        if (bytes[0] === frameTypes.chunk) changed[1] = valueCodecs.int4.wire;
        deliver(changed);
      });
    const reports = await runAll(g);
    await agreed(g, [0, 2, 3]);
    for (const i of [0, 2, 3]) expect(reports[i]!.members[1]!.error).toBe('codec');
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
    // Its contribution lies in its spool, for who looks at it, and it does not send it in vain.
    expect(reports[3]!.bytesSent).toBeLessThan(reports[0]!.bytesSent / 2);
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
    onTestFinished(() => butterfly.stop());
    const waiting = butterfly.reduce(call(g), never);
    await runAll(g, [0, 1, 2, 3]);
    await played(waiting);
    const manifest = await agreed(g, [0, 1, 2, 3]);
    expect(manifest.chunks).not.toContain(null);
    const held = butterfly.resultsOf(call(g).rosterDigest)!;
    for (const [chunk, entry] of manifest.chunks.entries())
      expect(sha256Hex((await held.read(chunk))!.values)).toBe(entry?.digest);
  });

  it('goes on without a member that never starts, whose part its standbys reduce', async () => {
    const g = await group(4);
    g.world.kill(g.members[3]!.hotkey);
    const reports = await runAll(g, [0, 1, 2]);
    const manifest = await agreed(g, [0, 1, 2]);
    expect(contributorsIn(manifest)).toEqual(manifest.chunks.map(() => [0, 1, 2]));
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
    const part = manifest.chunks.slice(firstChunk);
    expect(part.map((chunk) => chunk?.reducer)).toEqual(Array(chunkCount).fill(3));
    await played(dead);
  });

  it('finds a silent member by its silence, without a closed stream', async () => {
    const g = await group(4, { terms: [{}, {}, { reduces: false }, {}] });
    const mute = g.members[2]!.hotkey;
    for (const i of [0, 1, 3]) g.world.tamper(mute, g.members[i]!.hotkey, 'reduce', () => {});
    const reports = await runAll(g, [0, 1, 3]);
    await agreed(g, [0, 1, 3]);
    expect(reports[0]!.members[2]!.error).toBe('silent');
    const { silentAfterMs, mainMs } = planOf(g, 0).times;
    // It is waited for no longer, and nothing waits for the end.
    expect(reports[0]!.durationMs).toBeGreaterThan(silentAfterMs);
    expect(reports[0]!.durationMs).toBeLessThan(mainMs / 2);
  });

  it('closes chunks at their time when one member is slow, and gives that member the result', async () => {
    const g = await group(4);
    const slow = g.members[1]!.hotkey;
    const beganMs = performance.now();
    for (const i of [0, 2, 3])
      g.world.tamper(slow, g.members[i]!.hotkey, 'reduce', (bytes, deliver) => {
        if (bytes[0] !== frameTypes.chunk) return deliver(bytes);
        // Its chunks crawl, each until just after its time; its results and signs of life pass.
        const closesAtMs = planOf(g, 0).closesAtMs(Buffer.from(bytes).readUInt32LE(4));
        setTimeout(() => deliver(bytes), beganMs + closesAtMs + 1 - performance.now());
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
    expect(reports[1]!.members[0]!.error).toBe('result-signature');
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
      const plan = planOf(g, 0);
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
      expect(reports[1]!.members[0]!.error).toBe(`result-${fault}`);
      await agreed(g, [0, 1, 2, 3]);
      expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1, 1]);
    },
  );

  it('counts chunks once that come twice and in another order', async () => {
    const g = await group(3);
    const held: { bytes: Uint8Array; deliver: (bytes: Uint8Array) => void }[] = [];
    let sent = 0;
    g.world.tamper(g.members[1]!.hotkey, g.members[0]!.hotkey, 'reduce', (bytes, deliver) => {
      if (bytes[0] !== frameTypes.chunk) return deliver(bytes);
      held.push({ bytes, deliver });
      sent++;
      // As many as are under way at once; the last one of an odd number comes alone.
      if (held.length < TRANSITS_LEAST && sent < call(g).roster.members[0]!.chunkCount) return;
      for (const late of held.splice(0).reverse()) {
        late.deliver(late.bytes);
        late.deliver(late.bytes);
      }
    });
    await runAll(g);
    const manifest = await agreed(g, [0, 1, 2]);
    expect(contributorsIn(manifest)).toEqual(manifest.chunks.map(() => [0, 1, 2]));
  });

  it('goes on where it was after a stream broke', async () => {
    const g = await group(3);
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

  it('takes what came on a stream that waited while an old round was put away', async () => {
    const g = await group(3);
    const over = (medianNorm: number) => {
      const { roster, ...rest } = call(g);
      const other = { ...roster, medianNorm };
      return { ...rest, roster: other, rosterDigest: rosterDigest(other) };
    };
    for (let round = 1; round <= ROUNDS_KEPT + 3; round++) {
      const early = g.butterflies[0]!.reduce(over(round), never);
      await playFor(100);
      const later = g.butterflies.slice(1).map((one) => one.reduce(over(round), never));
      for (const { members } of await played(Promise.all([early, ...later])))
        expect(members.map(({ takenShare }) => takenShare)).toEqual([1, 1, 1]);
    }
  });

  it('has no result below quorum, and says so in the manifest', async () => {
    const g = await group(5);
    for (const i of [2, 3, 4]) g.world.kill(g.members[i]!.hotkey);
    const reports = await runAll(g, [0, 1]);
    const manifest = await agreed(g, [0, 1]);
    expect(manifest.chunks.every((chunk) => chunk === null)).toBe(true);
    expect(reports.map((r) => r.elementsShare)).toEqual([0, 0]);
  });

  it('says after a restart what it said before, and joins the same round again', async () => {
    const g = await group(3);
    const [first, second, third] = g.members.map(({ hotkey }) => hotkey) as [Ss58, Ss58, Ss58];
    const { chunkCount } = call(g).roster.members[0]!;
    const said = new Map<number, Set<string>>();
    const listen = (bytes: Uint8Array) => {
      const [frame] = new FrameReader(g.grid, 'first').push(bytes);
      const isAnswer = frame?.type === frameTypes.result || frame?.type === frameTypes.none;
      if (!isAnswer || frame.chunk >= chunkCount) return;
      const answer = Buffer.from(frame.payload).toString('hex');
      said.set(frame.chunk, (said.get(frame.chunk) ?? new Set()).add(answer));
    };
    // In its first life it hears only one of the two others, and only that one hears what it says.
    const toldSecond = Promise.withResolvers<void>();
    let isCut = true;
    g.world.tamper(first, second, 'reduce', (bytes, deliver) => {
      listen(bytes);
      deliver(bytes);
      if (said.size === chunkCount) toldSecond.resolve();
    });
    for (const [from, to] of [
      [first, third],
      [third, first],
    ] as const)
      g.world.tamper(from, to, 'reduce', (bytes, deliver) => {
        if (isCut) return;
        if (from === first) listen(bytes);
        deliver(bytes);
      });
    const inOthers = begin(g, [1, 2]);
    const life = g.butterflies[0]!.reduce(call(g), never).catch(() => null);
    await played(toldSecond.promise);
    g.world.kill(first);
    await played(g.butterflies[0]!.stop());
    await life;

    // In its second life it hears the other one, whose values were not in what it said.
    isCut = false;
    g.butterflies[0] = butterflyOf(g, 0);
    const again = g.butterflies[0]!.reduce(call(g), never);
    const reports = (await played(Promise.all([again, inOthers]))).flat();
    const manifest = await agreed(g, [0, 1, 2]);
    expect([...said.values()].map((answers) => answers.size)).toEqual(Array(chunkCount).fill(1));
    expect(contributorsIn(manifest).slice(0, chunkCount)).toEqual(Array(chunkCount).fill([0, 1]));
    expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1]);
  });

  it('reports after a restart what it had sealed before', async () => {
    const g = await group(3);
    const [before] = await runAll(g);
    const name = await takeAll(g);
    await g.butterflies[0]!.stop();
    g.butterflies[0] = butterflyOf(g, 0);
    const after = await played(g.butterflies[0]!.reduce(call(g), never));
    expect(after).toEqual({ ...before, durationMs: 0, bytesSent: 0, bytesReceived: 0 });
    expect(await listingOf(g, 0).listing.take(name, never)).toEqual(after);
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
      await played(Promise.all([alone, begin(g, [1, 2])]));
      await takeAll(g);
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

  it('waits for nobody any more when the files of a round that still runs are given back', async () => {
    const g = await group(3);
    for (const { hotkey } of g.members.slice(1)) g.world.kill(hotkey);
    const [first] = g.butterflies as [Butterfly];
    const report = first.reduce(call(g), never);
    await playFor(1_000);
    await played(first.release(call(g).rosterDigest));
    const muchLater = new Promise((resolve) => void setTimeout(resolve, 60_000));
    expect(await played(Promise.race([report, muchLater]))).toMatchObject({ elementsShare: 0 });
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
