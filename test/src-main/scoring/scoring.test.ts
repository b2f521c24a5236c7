import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EvidenceRow } from '../../../src-main/scoring/evidence.ts';
import { checkGradient, pick } from '../../../src-main/scoring/gradient-check.ts';
import { type Scoring, startScoring } from '../../../src-main/scoring/scoring.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profileHash as hashOf } from '../../../src-shared/profile/profile.ts';
import type { JudgedRound } from '../../../src-shared/rounds/concluded.ts';
import type { Ready } from '../../../src-shared/rounds/messages.ts';
import { composeRoster } from '../../../src-shared/rounds/roster.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { encodeSignedText, readSignedText } from '../../../src-shared/rounds/signed-text.ts';
import { parseCards } from '../../../src-shared/scoring/cards.ts';
import { whySchema } from '../../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { connectAll, type FakeSwarm, fakeHub } from '../../fakes/fake-swarm.ts';
import { type FakeTrain, fakeTrain } from '../../fakes/fake-train.ts';
import { addressOf, consensus, digestOf, facts, genesis, miners, witness } from '../rounds/machine-bench.ts';

const profileHash = hashOf(consensus);
const [anna, bob, carmen, rider] = miners as [Ss58, Ss58, Ss58, Ss58];
const blockHash = digestOf('block');
const signal = new AbortController().signal;
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function bench() {
  const chain = fakeChain({ neurons: [witness, ...miners].map((hotkey) => ({ hotkey })) });
  const hub = fakeHub();
  const trains = new Map<Ss58, FakeTrain>();
  const swarms = new Map<Ss58, FakeSwarm>();
  for (const hotkey of [witness, ...miners]) {
    const dishonest = hotkey === rider ? { adversary: 'free-rider' as const } : {};
    const train = fakeTrain({ hotkey, consensus, profileHash, ...dishonest });
    trains.set(hotkey, train);
    swarms.set(hotkey, hub.join(hotkey, train));
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'scoring-'));
  const evidence: EvidenceRow[] = [];
  const checked: [Ss58, boolean][] = [];
  const harmful: Ss58[][] = [];
  const may = { act: true };
  const start = async (connected: readonly Ss58[] = []): Promise<Scoring> => {
    const scoring = await startScoring({
      chain,
      train: trains.get(witness)!,
      swarm: swarms.get(witness)!,
      consensus,
      hotkey: witness,
      signer: { address: witness, sign: async () => new Uint8Array(64) },
      signScores: (text) => encodeSignedText({ text, signature: 'ab'.repeat(64) }),
      evidence: { keep: (rows) => evidence.push(...rows) },
      dataDir,
      connected: () => connected,
      readAverage: async (round) => hub.manifest(round),
      mayAct: () => may.act,
      mayLook: () => true,
      checked: (hotkey, passed) => checked.push([hotkey, passed]),
      harmful: (hotkeys) => harmful.push([...hotkeys]),
      told: (error) => expect.unreachable(error.code),
      signal,
      scores: () => undefined,
      nowMs: () => 7,
    });
    cleanups.push(() => scoring.stop());
    return scoring;
  };
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const scoring = await start();
  connectAll(swarms);
  return { chain, hub, trains, swarms, scoring, start, evidence, checked, harmful, may };
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** What `train` and `swarm` of each miner would say in a round. */
async function readiesOf(
  { trains, swarms }: Bench,
  round: number,
  who: readonly Ss58[] = miners,
): Promise<Ready[]> {
  const readies: Ready[] = [];
  for (const hotkey of who) {
    const params = { round, codec: 'fp16', medianNorm: null } as const;
    const made = await trains.get(hotkey)!.call('contribute', params, signal);
    await swarms.get(hotkey)!.call('offerWork', { round }, signal);
    const { root, norm, workDigest, sequences } = made;
    const fixed = { baseId: genesis, schemaHash: digestOf('schema'), codec: 'fp16' as const };
    const rates = { upBytesPerS: 0, downBytesPerS: 0, weight: 20 };
    readies.push({ round, hotkey, ...fixed, ...rates, norm, root, workDigest, sequences });
  }
  return readies;
}

async function judged(at: Bench, round: number, over: Partial<JudgedRound> = {}): Promise<JudgedRound> {
  const readies = over.readies ?? (await readiesOf(at, round));
  const roster = composeRoster(consensus, {
    round,
    baseId: genesis,
    schemaHash: digestOf('schema'),
    blockHash,
    proposer: witness,
    chunks: 20,
    readies,
    witnesses: [witness],
    coldkeys: facts().coldkeys,
    failedChecks: new Set(),
    silent: new Set(),
    rates: new Map(),
  });
  if (roster) {
    const asked = {
      round,
      roster,
      rosterDigest: rosterDigest(roster),
      blockHash,
      slowdown: 1,
      rosterAgoBlocks: 0,
    };
    await at.swarms.get(witness)!.call('reduce', asked, signal);
  }
  const said = { round, blockHash, outcomeBlock: 0, witnesses: [witness], report: null, committed: true };
  return { ...said, roster, readies, ...over };
}

async function play(scoring: Scoring, round: JudgedRound): Promise<void> {
  await scoring.finishChecks(round, signal);
  await scoring.conclude(round);
}

const cardOf = (scoring: Scoring, hotkey: Ss58) => scoring.view.all.find((card) => card.hotkey === hotkey);

describe('validator', () => {
  it('tells who rests from who is gone, also of those that were connected before it began', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    await at.scoring.stop();
    const again = await at.start([anna]);
    const others = miners.filter((hotkey) => hotkey !== anna && hotkey !== bob);
    await play(again, await judged(at, 1, { readies: await readiesOf(at, 1, others) }));
    const whyOf = (hotkey: Ss58) => cardOf(again, hotkey)?.terms.steps?.why.code;
    expect([whyOf(anna), whyOf(bob)]).toEqual(['present-without-work', 'absent-for-an-epoch']);
    expect(cardOf(again, anna)?.terms.identity?.value).toBe(1);
  });

  it('scores honest miners, and a free rider with 0', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    const honest = cardOf(at.scoring, anna);
    expect(honest?.terms.gradient?.value).toBeCloseTo(1);
    expect(honest?.terms.steps?.value).toBeCloseTo(1);
    expect(honest?.terms.allReduce?.value).toBe(1);
    expect(honest?.terms.bandwidth?.value).toBeGreaterThan(0.99);
    // Its honesty is not known yet, which counts half.
    expect(honest?.average).toBeCloseTo(0.15, 2);
    expect(honest?.weightShare).toBeCloseTo(1 / 3);
    expect(cardOf(at.scoring, rider)).toMatchObject({ total: 0, average: 0, weightShare: 0 });
    expect(cardOf(at.scoring, rider)?.terms.gradient?.why.code).toBe('recomputed-disagree');
  });

  it('reports each check, so that a free rider loses its weight in the next roster', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    expect(at.checked).toEqual([
      [anna, true],
      [bob, true],
      [carmen, true],
      [rider, false],
    ]);
  });

  it('keeps evidence of every term with a reason', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    const rows = at.evidence.filter(({ hotkey }) => hotkey === bob);
    expect(rows.map(({ term }) => term).sort()).toEqual([
      'allReduce',
      'bandwidth',
      'gradient',
      'honesty',
      'identity',
      'steps',
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({ round: 0, atMs: 7, hotkey: bob });
      expect(v.parse(whySchema, row.why)).toEqual(row.why);
      expect(() => JSON.parse(row.detail)).not.toThrow();
    }
  });

  it('leaves out what a round without all-reduce cannot show', async () => {
    const at = await bench();
    const readies = await readiesOf(at, 0, [anna, bob]);
    await play(at.scoring, await judged(at, 0, { readies, committed: false }));
    const card = cardOf(at.scoring, anna);
    expect(card?.terms.allReduce?.value).toBeNull();
    const parts = (0.5 + 0.25 * (card?.terms.bandwidth?.value ?? 0)) / 0.75;
    expect(card?.total).toBeCloseTo((card?.terms.honesty?.value ?? 0) * parts);
  });

  it('leaves a void round’s all-reduce unchanged', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    at.hub.silence(bob, true);
    await play(at.scoring, await judged(at, 1, { committed: false }));
    expect(cardOf(at.scoring, bob)?.terms.allReduce?.value).toBe(1);
    await play(at.scoring, await judged(at, 2));
    expect(cardOf(at.scoring, bob)?.terms.allReduce?.value).toBe(0);
  });

  it('lets the average of one who is gone for an epoch fall', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    const before = cardOf(at.scoring, anna)?.average ?? 0;
    const readies = await readiesOf(at, 1, [bob, carmen, rider]);
    await play(at.scoring, await judged(at, 1, { readies }));
    expect(cardOf(at.scoring, anna)?.average).toBeCloseTo(before * 0.7);
  });

  it('sets weights as soon as the chain lets it, the free rider left out', async () => {
    const at = await bench();
    at.chain.sealTo(50);
    await play(at.scoring, await judged(at, 0));
    for (let block = 51; at.chain.weights.size === 0 && block < 60; block++) {
      at.chain.sealTo(block);
      // The chain's rules are read first; a few turns of the loop, no time.
      for (let i = 0; i < 60; i++) await Promise.resolve();
    }
    const set = at.chain.weights.get(witness);
    expect(set?.map(({ uid }) => uid)).toEqual([1, 2, 3]);
    expect(Math.max(...(set ?? []).map(({ weight }) => weight))).toBe(65_535);
  });

  it('sets no weights while its hotkey speaks elsewhere, and sets them when it is back', async () => {
    const at = await bench();
    at.may.act = false;
    at.chain.sealTo(50);
    await play(at.scoring, await judged(at, 0));
    const seal = async (block: number) => {
      at.chain.sealTo(block);
      for (let i = 0; i < 60; i++) await Promise.resolve();
    };
    for (let block = 51; block < 60; block++) await seal(block);
    expect(at.chain.weights.size).toBe(0);
    at.may.act = true;
    for (let block = 60; at.chain.weights.size === 0 && block < 70; block++) await seal(block);
    expect(at.chain.weights.size).toBe(1);
  });

  it('offers no weight of its book to who took over a uid while it was down', async () => {
    const at = await bench();
    at.chain.sealTo(50);
    await play(at.scoring, await judged(at, 0));
    await at.scoring.stop();
    at.chain.handOver(1, addressOf('newcomer'));
    await at.start();
    for (let block = 51; at.chain.weights.size === 0 && block < 60; block++) {
      at.chain.sealTo(block);
      for (let i = 0; i < 60; i++) await Promise.resolve();
    }
    expect(at.chain.weights.get(witness)?.map(({ uid }) => uid)).toEqual([2, 3]);
  });

  it('publishes cards that a miner can read', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    const { json } = await at.swarms.get(anna)!.call('fetchScores', { hotkey: witness }, signal);
    const set = parseCards(readSignedText(json ?? '')?.text ?? '', witness);
    expect(set?.cards.find(({ hotkey }) => hotkey === anna)?.total).toBeGreaterThan(0.45);
  });

  it('remembers its averages over a restart', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    await at.scoring.stop();
    const again = await at.start();
    expect(cardOf(again, anna)?.average).toBe(cardOf(at.scoring, anna)?.average);
  });

  it('blames nobody for its own failure to recompute', async () => {
    const at = await bench();
    await play(at.scoring, await judged(at, 0));
    at.trains
      .get(witness)!
      .failNext('recompute', new AppError('CHILD_EXITED', { child: 'train', reason: '' }));
    await play(at.scoring, await judged(at, 1));
    expect(cardOf(at.scoring, anna)?.terms.gradient?.value).toBeCloseTo(1);
    expect(at.checked.filter(([hotkey]) => hotkey === anna)).toEqual([[anna, true]]);
  });

  it.each(['CHILD_EXITED', 'CHILD_GAVE_UP'] as const)(
    'blames nobody for a swarm of its own with %s',
    async (code) => {
      const at = await bench();
      const readies = await readiesOf(at, 0, [anna]);
      const swarm = at.swarms.get(witness)!;
      swarm.failNext('fetchWork', new AppError(code, { child: 'swarm', reason: '' }));
      swarm.failNext('challenge', new AppError(code, { child: 'swarm', reason: '' }));
      await play(at.scoring, await judged(at, 0, { readies }));
      expect(at.checked).toEqual([]);
      expect(cardOf(at.scoring, anna)?.terms.gradient?.value ?? null).toBeNull();
      expect(cardOf(at.scoring, anna)?.terms.bandwidth?.value).toBeNull();
    },
  );

  it('takes a peer that is busy with another challenge as not measured, and asks again in the next round', async () => {
    const at = await bench();
    const readies = await readiesOf(at, 0, [anna]);
    at.swarms.get(witness)!.failNext('challenge', new AppError('PEER_REFUSED', { peer: anna }));
    await play(at.scoring, await judged(at, 0, { readies }));
    expect(cardOf(at.scoring, anna)?.terms.bandwidth?.value).toBeNull();
    const next = await readiesOf(at, 1, [anna]);
    await play(at.scoring, await judged(at, 1, { readies: next }));
    expect(cardOf(at.scoring, anna)?.terms.bandwidth?.value).toBeGreaterThan(0.99);
  });

  it('counts sketches of something else as a contribution that did not help, once a round', async () => {
    const at = await bench();
    for (const round of [0, 1]) {
      const one = await judged(at, round);
      at.scoring.beginChecks(one, null);
      await at.scoring.conclude(one);
    }
    const drawsOf = (hotkey: Ss58) => {
      const row = at.evidence.findLast((one) => one.hotkey === hotkey && one.term === 'honesty');
      return (JSON.parse(row!.detail) as { draws: string }).draws;
    };
    expect(drawsOf(rider)).toBe('00');
    expect(drawsOf(anna)).not.toContain('0');
  });

  it('tells whose contributions do harm, and after a restart at once', async () => {
    const at = await bench();
    at.trains.get(witness)!.effects.set(bob, { kind: 'undecodable' });
    await play(at.scoring, await judged(at, 0));
    await vi.waitUntil(() => at.harmful.at(-1)?.includes(bob));
    await at.scoring.stop();
    at.harmful.splice(0);
    await at.start();
    expect(at.harmful.map((hotkeys) => hotkeys.includes(bob))).toEqual([true]);
  });

  it('runs no check after the base has moved on', async () => {
    const at = await bench();
    const ended = AbortSignal.abort();
    const round = await judged(at, 0);
    await at.scoring.finishChecks(round, ended);
    expect(at.checked).toEqual([]);
    expect(at.trains.get(witness)!.calls).not.toContain('recompute');
  });
});

describe('gradient check', () => {
  async function check(change: (ready: Ready) => Ready) {
    const at = await bench();
    const [ready] = await readiesOf(at, 0, [anna]);
    const parts = {
      swarm: at.swarms.get(witness)!,
      train: at.trains.get(witness)!,
      consensus,
      random: () => 0,
      cost: () => undefined,
    };
    return checkGradient(parts, change(ready!), blockHash, signal);
  }

  it('refuses a record that is not the one announced', async () => {
    const { gradient, sequences } = await check((ready) => ({ ...ready, workDigest: digestOf('other') }));
    expect(gradient).toMatchObject({ value: 0 });
    expect(gradient.why.code).toBe('work-not-announced');
    expect(sequences).toBe(0);
  });

  it('refuses a record that names other sequences than were announced', async () => {
    const { gradient } = await check((ready) => ({ ...ready, sequences: ready.sequences + 1 }));
    expect(gradient.why).toEqual({ code: 'work-impossible', params: { reason: 'other-sequences' } });
  });

  it('counts a record that is not handed over as 0', async () => {
    const { gradient } = await check((ready) => ({ ...ready, round: 5 }));
    expect(gradient).toMatchObject({ value: 0, why: { code: 'work-not-handed-over' } });
  });

  it('draws distinct micro-batches, all of them where there are no more', () => {
    const last = (below: number) => below - 1;
    expect(pick(3, 10, last)).toEqual([0, 1, 2]);
    expect(new Set(pick(64, 10, last)).size).toBe(10);
    expect(pick(64, 10, () => 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
