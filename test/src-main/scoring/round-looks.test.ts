import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DrawBook, openDrawBook } from '../../../src-main/scoring/draw-book.ts';
import {
  CHECK_STATE_LIMIT_MS,
  FETCH_CONTRIBUTION_LIMIT_MS,
  SILENCES_FORGIVEN,
} from '../../../src-main/scoring/limits.ts';
import { drawnToRecompute } from '../../../src-main/scoring/recompute-draw.ts';
import { type RoundLooks, roundLooks } from '../../../src-main/scoring/round-looks.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { shippedConsensus } from '../../../src-shared/profile/shipped.ts';
import type { JudgedRound } from '../../../src-shared/rounds/concluded.ts';
import { composeRoster } from '../../../src-shared/rounds/roster.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { sendMs } from '../../../src-shared/rounds/tier.ts';
import { DEFAULT_CHECKS } from '../../../src-shared/scoring/checks.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import {
  CONTRIBUTION_LIMIT_MS,
  GIVEN_SHARE,
  KEPT_WAITING_MS,
} from '../../../src-worker/swarm/state/limits.ts';
import { patienceIn } from '../../../src-worker/swarm/state/patience.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { connectAll, type FakeSwarm, fakeHub } from '../../fakes/fake-swarm.ts';
import { type FakeTrain, fakeTrain } from '../../fakes/fake-train.ts';
import {
  digestOf,
  facts,
  genesis,
  miners,
  readyOf,
  consensus as shipped,
  witness,
} from '../rounds/machine-bench.ts';

const [anna, bob, carmen, dave] = miners as [Ss58, Ss58, Ss58, Ss58];
const signal = new AbortController().signal;
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Bench {
  readonly hub: ReturnType<typeof fakeHub>;
  readonly train: FakeTrain;
  readonly swarm: FakeSwarm;
  readonly book: DrawBook;
  readonly looks: RoundLooks;
  readonly may: { look: boolean };
  /** Who does harm, as it was told after each look. */
  readonly harmfulSaid: readonly (readonly Ss58[])[];
  /** @param failed who has no weight in its roster */
  readonly round: (number: number, failed?: readonly Ss58[]) => Promise<JudgedRound>;
  /** Rounds are settled one after another, and all that is drawn is looked at. */
  play(...numbers: number[]): Promise<void>;
}

async function bench(checks: Partial<typeof DEFAULT_CHECKS> = {}): Promise<Bench> {
  const scoreModel = { ...shipped.scoreModel, checks: { ...DEFAULT_CHECKS, ...checks } };
  const consensus: Consensus = { ...shipped, scoreModel };
  const chain = fakeChain({ neurons: [witness, ...miners].map((hotkey) => ({ hotkey })) });
  chain.sealTo(1_000);
  const hub = fakeHub();
  const trains = new Map<Ss58, FakeTrain>();
  const swarms = new Map<Ss58, FakeSwarm>();
  for (const hotkey of [witness, ...miners]) {
    const train = fakeTrain({ hotkey, consensus, profileHash: profileHash(consensus) });
    trains.set(hotkey, train);
    swarms.set(hotkey, hub.join(hotkey, train));
  }
  connectAll(swarms);
  // What the round began with is held here, and looks ask for a piece of it.
  const state = { baseDigest: digestOf('state'), path: '/fake/state', sizeBytes: 9, lineage: [] };
  await swarms.get(witness)!.call('offerState', state, signal);
  const folder = await mkdtemp(join(tmpdir(), 'looks-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const told = (error: { code: string }) => expect.unreachable(error.code);
  const book = await openDrawBook(join(folder, 'draws.json'), scoreModel.checks, { told, nowMs: () => 7 });
  const [train, swarm] = [trains.get(witness)!, swarms.get(witness)!];
  const harmfulSaid: Ss58[][] = [];
  const may = { look: true };
  const mayLook = () => may.look;
  const harmful = (hotkeys: ReadonlySet<Ss58>) => void harmfulSaid.push([...hotkeys]);
  const looks = roundLooks({ chain, train, swarm, consensus, book, mayLook, harmful, signal });

  async function round(number: number, failed: readonly Ss58[] = []): Promise<JudgedRound> {
    const readies = await Promise.all(
      miners.map(async (hotkey) => {
        const made = await trains
          .get(hotkey)!
          .call('contribute', { round: number, codec: 'fp16', medianNorm: null }, signal);
        await swarms.get(hotkey)!.call('offerWork', { round: number }, signal);
        return { ...readyOf(hotkey, number), workDigest: made.workDigest, sequences: made.sequences };
      }),
    );
    const roster = composeRoster(consensus, {
      ...{ round: number, baseId: genesis, schemaHash: digestOf('schema'), blockHash: digestOf('block') },
      ...{ proposer: witness, chunks: 20, readies: [readyOf(witness, number), ...readies] },
      ...{ witnesses: [witness], coldkeys: facts().coldkeys, rates: new Map() },
      ...{ failedChecks: new Set(failed), silent: new Set<Ss58>() },
    })!;
    const asked = { round: number, roster, rosterDigest: rosterDigest(roster) };
    await swarm.call(
      'reduce',
      { ...asked, blockHash: digestOf('block'), slowdown: 1, rosterAgoBlocks: 0 },
      signal,
    );
    return {
      ...{ round: number, blockHash: digestOf('block'), outcomeBlock: 100 + number, witnesses: [witness] },
      ...{ roster, readies, report: null, committed: true },
    };
  }

  return {
    ...{ hub, train, swarm, book, may, looks, round, harmfulSaid },
    async play(...numbers) {
      for (const number of numbers) {
        looks.begin(await round(number), digestOf('state'));
        await looks.idle();
      }
    },
  };
}

/** Answers one call of a child otherwise. @returns how often it was asked by now */
function instead<Asked>(
  child: { call: unknown },
  name: string,
  answer: (asked: Asked, go: () => Promise<unknown>, until: AbortSignal) => unknown,
): () => number {
  const call = child.call as (name: string, asked: unknown, until: AbortSignal) => Promise<unknown>;
  let asked = 0;
  child.call = async (of: string, params: Asked, until: AbortSignal) => {
    if (of !== name) return call(of, params, until);
    asked++;
    return answer(params, () => call(of, params, until), until);
  };
  return () => asked;
}

const quiet = () => {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  cleanups.push(() => spy.mockRestore());
  return spy;
};

describe('looking at contributions', () => {
  it('draws all miners of a small run, and counts what it found of each', async () => {
    const { book, play, train, looks } = await bench();
    const helpsLess = {
      kind: 'measured',
      assigned: { before: 8, after: 7.5, agreed: 7.7 },
      tokens: 64,
    } as const;
    train.effects.set(bob, { ...helpsLess, random: { before: 8, after: 7.4, agreed: 7.7 } });
    await play(0, 1);
    expect(miners.map((hotkey) => book.of(hotkey))).toEqual([
      [true, true],
      [false, false],
      [true, true],
      [true, true],
    ]);
    expect(looks.taken().get(bob)?.why).toEqual({
      code: 'does-not-help',
      params: { own: 0.5, ahead: -0.1 },
    });
    expect(looks.taken().size).toBe(0);
    expect(book.cost).toMatchObject({ looked: 8 });
    expect(book.cost.bytes).toBeGreaterThan(8_000);
  });

  it('looks at nobody while the computer rests, and holds that against no one', async () => {
    const { book, play, looks, may } = await bench();
    may.look = false;
    await play(0);
    expect([looks.taken().size, book.of(anna), book.owing.size, book.cost.looked]).toEqual([0, [], 0, 0]);
    may.look = true;
    await play(1);
    expect(book.of(anna)).toEqual([true]);
  });

  it.each([
    ['foreign', (at: Bench) => at.hub.given.set(bob, 'foreign'), 'contribution-foreign'],
    ['of one on another state', (at: Bench) => at.hub.standing.set(bob, 'foreign'), 'state-foreign'],
    [
      'undecodable',
      (at: Bench) => at.train.effects.set(bob, { kind: 'undecodable' }),
      'contribution-undecodable',
    ],
    ['not finite', (at: Bench) => at.train.effects.set(bob, { kind: 'not-finite' }), 'contribution-spoils'],
    [
      'of another page',
      (at: Bench) => at.train.effects.set(bob, { kind: 'other-page' }),
      'page-not-assigned',
    ],
  ])('counts one that is %s as none that helps', async (_name, spoil, code) => {
    const at = await bench();
    spoil(at);
    await at.play(0);
    // What it does could not be seen for its owner's doing.
    expect(at.harmfulSaid.at(-1)).toEqual([bob]);
    expect(at.book.of(bob)).toEqual([false]);
    expect(at.looks.taken().get(bob)?.why.code).toBe(code);
    expect(at.book.of(anna)).toEqual([true]);
  });

  it('tells who does harm, and looks at it until it helps, whatever weight it has', async () => {
    const { book, harmfulSaid, looks, play, round, train } = await bench({
      everyRounds: 100,
      lookedPerRound: 1,
    });
    const moved = (own: number) => ({
      ...({ kind: 'measured', tokens: 64 } as const),
      assigned: { before: 8, after: 8 - own, agreed: 7.7 },
      random: { before: 8, after: 8, agreed: 8 },
    });
    train.effects.set(bob, moved(-0.01));
    // Uid 2 has its turn in round 102.
    await play(102);
    expect(harmfulSaid.at(-1)).toEqual([bob]);
    train.effects.set(bob, moved(1));
    looks.begin(await round(103, [bob]), digestOf('state'));
    await looks.idle();
    expect(harmfulSaid.at(-1)).toEqual([]);
    expect(book.of(bob)).toEqual([false, true]);
  });

  it('forgives who is silent for a while, and draws it again out of turn', async () => {
    const { hub, book, play, looks } = await bench({ everyRounds: 100, lookedPerRound: 1 });
    // Uid 2 has its turn in round 102; no other does.
    hub.given.set(bob, 'silent');
    await play(102, 103, 104);
    expect(SILENCES_FORGIVEN).toBe(2);
    expect(book.of(bob)).toEqual([false]);
    expect(looks.taken().get(bob)?.why.code).toBe('contribution-silent');
    hub.given.delete(bob);
    await play(105);
    expect(book.of(bob)).toEqual([false, true]);
    expect(book.owing.size).toBe(0);
  });

  it('forgives who gives no piece of its state as long as who is silent otherwise', async () => {
    const { hub, book, play, looks, train } = await bench();
    hub.standing.set(bob, 'silent');
    await play(0, 1);
    expect([book.of(bob), book.owing.has(bob)]).toEqual([[], true]);
    await play(2);
    expect(book.of(bob)).toEqual([false]);
    expect(looks.taken().get(bob)?.why.code).toBe('state-silent');
    // Nothing more is asked of it.
    expect(train.calls.filter((name) => name === 'effect').length).toBe(3 * (miners.length - 1));
  });

  it('goes on where the state of the round is not held here', async () => {
    const { book, looks, round } = await bench();
    const said = quiet();
    looks.begin(await round(0), digestOf('another state'));
    await looks.idle();
    expect(book.of(bob)).toEqual([true]);
    expect(said).toHaveBeenCalledWith('no piece of a state was asked for', bob, expect.anything());
  });

  it('holds a record that is kept back at a look as silence, and another one than was announced as no help', async () => {
    const { book, play, looks, swarm } = await bench();
    instead(swarm, 'fetchWork', ({ hotkey }: { hotkey: Ss58 }, go) => {
      if (hotkey === anna) throw new AppError('PEER_REFUSED', { peer: anna });
      return hotkey === bob ? { bytes: Uint8Array.of(1) } : go();
    });
    await play(0, 1, 2);
    expect([anna, bob, carmen].map((hotkey) => book.of(hotkey))).toEqual([
      [false],
      [false, false, false],
      [true, true, true],
    ]);
    const taken = looks.taken();
    expect([anna, bob].map((hotkey) => taken.get(hotkey)?.why.code)).toEqual([
      'contribution-silent',
      'work-not-announced',
    ]);
  });

  it('counts a contribution for which no work is claimed as none that helps', async () => {
    const { book, looks, round, swarm } = await bench();
    const settled = await round(0);
    const { bytes } = await swarm.call('fetchWork', { hotkey: bob, round: 0 }, signal);
    const record = { ...JSON.parse(new TextDecoder().decode(bytes)), sequences: 0 };
    const claimed = new TextEncoder().encode(JSON.stringify(record));
    instead(swarm, 'fetchWork', ({ hotkey }: { hotkey: Ss58 }, go) =>
      hotkey === bob ? { bytes: claimed } : go(),
    );
    const readies = settled.readies.map((ready) =>
      ready.hotkey === bob ? { ...ready, sequences: 0, workDigest: sha256Hex(claimed) } : ready,
    );
    looks.begin({ ...settled, readies }, digestOf('state'));
    await looks.idle();
    expect([book.of(bob), book.of(anna)]).toEqual([[false], [true]]);
    expect(looks.taken().get(bob)?.why).toEqual({
      code: 'work-impossible',
      params: { reason: 'nothing-trained' },
    });
  });

  it('looks at no more than the profile bounds, and silence takes half of the places at most', async () => {
    const { hub, book, swarm, play } = await bench({ everyRounds: 100, lookedPerRound: 2 });
    const rounds = Array.from({ length: 12 }, (_, round) => 20 + round);
    for (const hotkey of [bob, carmen, dave]) hub.given.set(hotkey, 'silent');
    const asked = instead(swarm, 'fetchContribution', (_, go) => go());
    await play(...rounds);
    expect(book.owing.size).toBe(3);
    expect(asked()).toBe(2 * rounds.length);
    // Of the places that silence leaves she has one in three.
    expect(book.of(anna).length).toBeGreaterThan(1);
  });

  it('keeps who stalls for the end of the next round, so that all others are looked at', async () => {
    const { book, looks, round, swarm } = await bench();
    let stalling = 0;
    instead(swarm, 'fetchContribution', (asked: { hotkey: Ss58 }, go, until) => {
      if (asked.hotkey !== bob) return go();
      stalling++;
      return new Promise((_resolve, reject) =>
        until.addEventListener('abort', () => reject(until.reason), { once: true }),
      );
    });
    for (const number of [0, 1, 2]) {
      looks.begin(await round(number), null);
      await vi.waitUntil(() => stalling === number + 1);
      looks.end();
      await looks.idle();
    }
    // Whatever the first round's order was: in the two behind it he is the last.
    for (const hotkey of [anna, carmen, dave]) expect(book.of(hotkey).length).toBeGreaterThanOrEqual(2);
    expect(book.of(bob)).toEqual([]);
    expect(book.owing.size).toBe(0);
  });

  it('learns nothing of a miner where our own processes fail', async () => {
    const { book, play, train } = await bench();
    quiet();
    instead(train, 'effect', () => {
      throw new AppError('CHILD_EXITED', { child: 'train' } as never);
    });
    await play(0);
    expect(miners.flatMap((hotkey) => book.of(hotkey))).toEqual([]);
  });

  it('ends when an exchange begins, and whoever was not reached was not drawn', async () => {
    const { book, looks, round, swarm } = await bench();
    const fetching = Promise.withResolvers<AbortSignal>();
    instead(swarm, 'fetchContribution', (_, __, until) => {
      fetching.resolve(until);
      return new Promise((_resolve, reject) => until.addEventListener('abort', () => reject(until.reason)));
    });
    looks.begin(await round(0), null);
    const until = await fetching.promise;
    looks.end();
    await looks.idle();
    expect(until.aborted).toBe(true);
    expect(miners.flatMap((hotkey) => book.of(hotkey))).toEqual([]);
    expect(book.owing.size).toBe(0);
  });

  it('leaves out who has no weight, and looks at nothing of a round without a roster', async () => {
    const { book, looks, round, train } = await bench();
    const weightless = await round(0, [carmen]);
    looks.begin(weightless, null);
    await looks.idle();
    expect([anna, carmen].map((hotkey) => book.of(hotkey))).toEqual([[true], []]);
    const before = train.calls.length;
    looks.begin({ ...weightless, roster: null }, null);
    await looks.idle();
    expect(train.calls.length).toBe(before);
  });
});

describe.each(shippedConsensus().map((one) => [one.name, one] as const))('patience in %s', (_name, of) => {
  const { behindMs, contributionMs } = patienceIn(of.clock, 1);

  it('has time for whoever is quick enough for its tier in an exchange', () => {
    expect(contributionMs).toBeGreaterThan(sendMs(of.reduce.exchangeBlocks * of.clock.blockMs) / GIVEN_SHARE);
  });

  it('is longer where the chain is slower, up to the same bounds', () => {
    const slow = patienceIn(of.clock, 4);
    expect(slow.behindMs).toBe(Math.min(KEPT_WAITING_MS, 4 * behindMs));
    expect(slow.contributionMs).toBe(Math.min(CONTRIBUTION_LIMIT_MS, 4 * contributionMs));
  });

  it('ends before the next exchange, and before that of this process', () => {
    const { blockMs, blocksPerRound, outcome, roster } = of.clock;
    expect(behindMs + contributionMs).toBeLessThan((blocksPerRound - outcome + roster) * blockMs);
    expect(behindMs + contributionMs).toBeLessThan(FETCH_CONTRIBUTION_LIMIT_MS);
    expect(behindMs).toBeLessThan(CHECK_STATE_LIMIT_MS);
  });
});

describe('first steps that are recomputed', () => {
  const checks = { ...DEFAULT_CHECKS, recomputedPerRound: 2, everyRounds: 4 };
  const readies = [witness, ...miners].map((hotkey) => readyOf(hotkey, 6));
  const round: JudgedRound = {
    ...{ round: 6, blockHash: digestOf('block'), outcomeBlock: 237, witnesses: [witness], roster: null },
    ...{ readies, report: null, committed: false },
  };
  const chain = fakeChain({ neurons: [witness, ...miners].map((hotkey) => ({ hotkey })) });
  const drawn = async (over: Partial<typeof checks> = {}, of: Partial<JudgedRound> = {}) =>
    (await drawnToRecompute(chain, { ...checks, ...over }, { ...round, ...of }, signal)).map(
      ({ hotkey }) => hotkey,
    );

  it('are all where they are no more than the bound', async () => {
    expect(await drawn({ recomputedPerRound: 4 })).toEqual(miners);
  });

  it('are those whose turn it is, and others as the block draws them', async () => {
    const others = new Set<Ss58>();
    for (const block of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const [turn, other, ...more] = await drawn({}, { blockHash: digestOf(block) });
      // Uid 2 in round 6.
      expect([turn, more]).toEqual([bob, []]);
      others.add(other!);
    }
    expect(others.size).toBeGreaterThan(1);
  });
});
