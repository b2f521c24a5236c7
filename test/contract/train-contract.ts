import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChildClient, EventOf } from '../../src-shared/contract/child.ts';
import type { Activity, Standing, TrainContract } from '../../src-shared/contract/train.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { genesisId, resultId } from '../../src-shared/rounds/ids.ts';
import { type WorkRecord, workRecordSchema } from '../../src-shared/spool.ts';
import { type Hex, hex, type Ss58 } from '../../src-shared/units.ts';
import { doorContract } from './door-contract.ts';

/** A `train` that has just become ready on the initial weights. */
export interface TrainBench {
  readonly child: ChildClient<TrainContract>;
  readonly consensus: Consensus;
  readonly hotkey: Ss58;
  /** The work record that the spool holds. */
  work(round: number): Promise<Uint8Array>;
  /** Leaves in the spool, as `swarm` would, the average of a round in which nobody else contributed. */
  leaveAverage(round: number, rosterDigest: Hex): Promise<void>;
  stop(): Promise<void>;
}

type Settled = 'committed' | 'void' | 'unknown';
type Step = EventOf<TrainContract, 'step'>;

const BLOCK = hex('b1'.repeat(32));
const ROSTER = hex('5a'.repeat(32));
const OTHER = hex('0d'.repeat(32));

/** What the host may expect of `train`. The tests of one bench run in order, each in rounds of its own. */
export function trainContractSuite(name: string, open: () => Promise<TrainBench>): void {
  describe(`train ${name}`, () => {
    const { signal } = new AbortController();
    let bench: TrainBench;
    let child: ChildClient<TrainContract>;
    let standing: Standing;
    let lastRound = -1;

    beforeAll(async () => {
      bench = await open();
      child = bench.child;
      standing = child.ready.standing;
    });
    afterAll(() => bench.stop());

    const openRound = (round: number) => child.call('openRound', { round, blockHash: BLOCK }, signal);
    const contribute = (round: number) =>
      child.call('contribute', { round, codec: 'fp16', medianNorm: null }, signal);
    const prepare = (round: number, rosterDigest = ROSTER) =>
      child.call('prepare', { round, rosterDigest }, signal);
    const recompute = (round: number, microBatches: number[]) =>
      child.call('recompute', { round, hotkey: bench.hotkey, blockHash: BLOCK, microBatches }, signal);
    async function settle(round: number, outcome: Settled, id: Hex | null = null): Promise<Standing> {
      standing = await child.call(
        'settle',
        { round, outcome, resultId: id, drawn: true, medianNorm: null },
        signal,
      );
      return standing;
    }

    /** Opens the next round and waits for the last of its steps. */
    async function workedRound(): Promise<{ round: number; steps: readonly Step[] }> {
      const round = ++lastRound;
      const steps = stepsOf(round);
      await openRound(round);
      return { round, steps: await steps };
    }

    async function preparedRound() {
      const { round } = await workedRound();
      await contribute(round);
      await bench.leaveAverage(round, ROSTER);
      return { round, prepared: await prepare(round) };
    }

    function stepsOf(round: number): Promise<readonly Step[]> {
      const steps: Step[] = [];
      return new Promise((resolve) => {
        const off = child.on('step', (step) => {
          if (step.round !== round) return;
          steps.push(step);
          if (step.innerStep < bench.consensus.inner.maxStepsPerRound) return;
          off();
          resolve(steps);
        });
      });
    }

    /** What it says it does, from now until `isLast`. */
    function activitiesUntil(isLast: (activity: Activity) => boolean): Promise<readonly Activity[]> {
      const said: Activity[] = [];
      return new Promise((resolve) => {
        const off = child.on('activity', (activity) => {
          if (JSON.stringify(activity) !== JSON.stringify(said.at(-1))) said.push(activity);
          if (!isLast(activity)) return;
          off();
          resolve(said);
        });
      });
    }

    async function recordOf(round: number): Promise<WorkRecord> {
      return v.parse(workRecordSchema, JSON.parse(Buffer.from(await bench.work(round)).toString('utf8')));
    }

    it('is ready on the initial weights of its profile', () => {
      const { parameters, manifest } = child.ready;
      expect(parameters).toBe(parameterCount(bench.consensus.model));
      expect(manifest).toMatch(/^[0-9a-f]{64}$/);
      expect(standing.round).toBe(-1);
      expect(standing.id).toBe(genesisId(profileHash(bench.consensus), standing.baseDigest));
    });

    it('names the file of its state, of parameters and momentum in float32', () => {
      expect(standing.state).toMatchObject({
        sizeBytes: 8 * child.ready.parameters,
        baseDigest: standing.baseDigest,
      });
    });

    it('tells the steps of an open round in order', async () => {
      const { steps } = await workedRound();
      const inner = steps.map(({ innerStep }) => innerStep);
      expect(inner).toEqual([...new Set(inner)].sort((a, b) => a - b));
      for (const { loss, tokens } of steps) expect(loss * tokens).toBeGreaterThan(0);
    });

    it('counts steps over rounds', async () => {
      const before = (await workedRound()).steps.at(-1)?.step ?? 0;
      const { steps } = await workedRound();
      expect(steps.at(-1)?.step).toBe(before + bench.consensus.inner.maxStepsPerRound);
    });

    it('says when it trains, and that it rests once the steps of the round are done', async () => {
      const round = ++lastRound;
      const { maxStepsPerRound } = bench.consensus.inner;
      const said = activitiesUntil((now) => now.kind === 'resting' && now.round === round);
      await openRound(round);
      // The rest of the round before may still be on its way.
      const kinds = (await said).filter((now) => 'round' in now && now.round === round);
      expect(kinds).toEqual([
        { kind: 'training', round },
        { kind: 'resting', round, steps: maxStepsPerRound },
      ]);
    });

    it('says that it is paused, and that it trains again', async () => {
      const paused = activitiesUntil(({ kind }) => kind === 'paused');
      await child.call('setActive', { active: false }, signal);
      await paused;
      const round = ++lastRound;
      await openRound(round);
      const trains = activitiesUntil((now) => now.kind === 'training' && now.round === round);
      const steps = stepsOf(round);
      await child.call('setActive', { active: true }, signal);
      await trains;
      await steps;
    });

    it('opens the open round again without working in it twice', async () => {
      const { round } = await workedRound();
      await openRound(round);
      const { steps } = await contribute(round);
      expect(steps).toBe(bench.consensus.inner.maxStepsPerRound);
    });

    it('offers what the work record in the spool says, under its digest', async () => {
      const { round } = await workedRound();
      const made = await contribute(round);
      const bytes = await bench.work(round);
      expect(made.workDigest).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(made.norm).toBeGreaterThan(0);
      const record = await recordOf(round);
      const { hotkey } = bench;
      expect(record).toMatchObject({ round, hotkey, steps: made.steps, sequences: made.sequences });
      expect(record.sketches).toHaveLength(bench.consensus.inner.microBatchesPerStep);
      expect(record.pages.reduce((sum, page) => sum + page.sequences, 0)).toBe(made.sequences);
    });

    it('contributes once: asked again it answers the same', async () => {
      const { round } = await workedRound();
      const first = await contribute(round);
      expect(await contribute(round)).toEqual(first);
    });

    it('recomputes the sketches of the work record, those it is asked for', async () => {
      const { round } = await workedRound();
      await contribute(round);
      const { sketches } = await recordOf(round);
      expect((await recompute(round, [1])).sketches).toEqual([sketches[1]]);
      expect((await recompute(round, [1, 0])).sketches).toEqual([sketches[1], sketches[0]]);
    });

    it('recomputes other sketches for another hotkey', async () => {
      const { round } = await workedRound();
      await contribute(round);
      const { sketches } = await recordOf(round);
      const hotkey = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Ss58;
      const asked = { round, hotkey, blockHash: BLOCK, microBatches: [0] };
      expect((await child.call('recompute', asked, signal)).sketches).not.toEqual([sketches[0]]);
    });

    it('recomputes no micro-batch that a step does not have', async () => {
      const { round } = await workedRound();
      const beyond = bench.consensus.inner.microBatchesPerStep;
      await expect(recompute(round, [beyond])).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
    });

    it('prepares nothing without an average', async () => {
      const { round } = await workedRound();
      await contribute(round);
      await expect(prepare(round)).rejects.toMatchObject({ code: 'SPOOL_MALFORMED' });
    });

    it('prepares nothing from the average of another roster', async () => {
      const { round } = await workedRound();
      await contribute(round);
      await bench.leaveAverage(round, ROSTER);
      await expect(prepare(round, OTHER)).rejects.toMatchObject({ code: 'SPOOL_MALFORMED' });
    });

    it('prepares a result that its parent, round, roster, results and base name', async () => {
      const parent = standing.id;
      const { round, prepared } = await preparedRound();
      expect(prepared.resultId).toBe(resultId(parent, { ...prepared, round, rosterDigest: ROSTER }));
      expect(prepared.baseDigest).not.toBe(standing.baseDigest);
      expect(await prepare(round)).toEqual(prepared);
    });

    it('stands on the prepared result once it is committed, and commits it once', async () => {
      const { round, prepared } = await preparedRound();
      const after = await settle(round, 'committed', prepared.resultId);
      expect(after).toMatchObject({ round, id: prepared.resultId, baseDigest: prepared.baseDigest });
      expect(after.state.baseDigest).toBe(prepared.baseDigest);
      expect(await settle(round, 'committed', prepared.resultId)).toEqual(after);
      expect(await settle(round, 'void')).toEqual(after);
    });

    it.each(['void', 'unknown'] as const)('keeps its base when a round ends %s', async (outcome) => {
      const before = standing;
      const { round } = await preparedRound();
      expect(await settle(round, outcome)).toEqual(before);
      expect(await settle(round, outcome)).toEqual(before);
    });

    it('forgets a prepared result when its round is void', async () => {
      const { round, prepared } = await preparedRound();
      const before = standing;
      await settle(round, 'void');
      const next = ++lastRound;
      await expect(settle(next, 'committed', prepared.resultId)).rejects.toMatchObject({ code: 'NOT_NOW' });
      expect(await settle(next, 'void')).toEqual(before);
    });

    it('commits nothing that is not prepared', async () => {
      const before = standing;
      const { round } = await workedRound();
      await contribute(round);
      await expect(settle(round, 'committed', OTHER)).rejects.toMatchObject({ code: 'NOT_NOW' });
      expect(await settle(round, 'void')).toEqual(before);
    });

    it('commits no other result than the prepared one, and still that one afterwards', async () => {
      const { round, prepared } = await preparedRound();
      await expect(settle(round, 'committed', OTHER)).rejects.toMatchObject({ code: 'NOT_NOW' });
      expect((await settle(round, 'committed', prepared.resultId)).id).toBe(prepared.resultId);
    });

    it('does nothing more in a round that is settled', async () => {
      const { round } = await workedRound();
      await contribute(round);
      await settle(round, 'void');
      await expect(contribute(round)).rejects.toMatchObject({ code: 'NOT_NOW' });
      await expect(prepare(round)).rejects.toMatchObject({ code: 'NOT_NOW' });
    });

    it('opens no round older than the open one', async () => {
      const { round } = await workedRound();
      await expect(openRound(round - 1)).rejects.toMatchObject({ code: 'NOT_NOW' });
    });

    it('contributes to no round older than its last contribution', async () => {
      const first = await workedRound();
      const second = await workedRound();
      await contribute(second.round);
      await expect(contribute(first.round)).rejects.toMatchObject({ code: 'NOT_NOW' });
    });

    it('checks no settled round that it never opened', async () => {
      const round = ++lastRound;
      await settle(round, 'void');
      await expect(recompute(round, [0])).rejects.toMatchObject({ code: 'NOT_NOW' });
    });

    it('takes no steps while it must rest, and takes them once it may', async () => {
      await child.call('setActive', { active: false }, signal);
      const resting = ++lastRound;
      await openRound(resting);
      expect(await contribute(resting)).toMatchObject({ steps: 0, sequences: 0 });
      expect((await recordOf(resting)).sketches).toEqual([]);
      const round = ++lastRound;
      const steps = stepsOf(round);
      await openRound(round);
      await child.call('setActive', { active: true }, signal);
      await steps;
      expect((await contribute(round)).steps).toBe(bench.consensus.inner.maxStepsPerRound);
    });

    it('takes any share of its time from a tenth on, and nothing else', async () => {
      for (const share of [0.1, 0.55, 1]) await child.call('setShare', { share }, signal);
      for (const share of [0, 0.09, 1.01, Number.NaN])
        await expect(child.call('setShare', { share }, signal)).rejects.toThrow();
      await workedRound();
    });

    it('evaluates the same base to the same loss, over as many windows as asked', async () => {
      const evaluate = (windows: number) => child.call('evaluate', { windows }, signal);
      const first = await evaluate(4);
      expect(first.loss).toBeGreaterThan(0);
      expect(first.tokens).toBe(4 * bench.consensus.model.context);
      expect(await evaluate(4)).toEqual(first);
      expect((await evaluate(0)).tokens).toBe(bench.consensus.model.context);
    });

    it('writes the same text for the same seed on one base, and says which base wrote', async () => {
      const sample = (seed: number) => child.call('sample', { prompt: 1, tokens: 20, seed }, signal);
      const first = await sample(7);
      expect(first.round).toBe(standing.round);
      expect(first.prompt).not.toBe('');
      expect(first.text).not.toBe('');
      const { workMs: _, ...again } = await sample(7);
      expect(first).toMatchObject(again);
      expect((await sample(8)).text).not.toBe(first.text);
    });

    doorContract(() => child, {
      name: 'evaluate',
      params: { windows: 32 },
      misfit: { windows: -1 },
    });
  });
}
