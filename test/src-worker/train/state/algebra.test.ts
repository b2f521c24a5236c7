import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { offered } from '../../../../src-worker/train/state/algebra.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import { keepLocal } from '../../../../src-worker/train/state/keep.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import type { Replica } from '../../../../src-worker/train/state/replica.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { inMemory } from '../../../../src-worker/train/vector-source.ts';
import { runs } from '../../../runs.ts';
import { baseOf, whole } from './held.ts';
import {
  CHUNK,
  CHUNKS,
  dropRoot,
  ELEMENTS,
  leaveAverage,
  newRoot,
  numbers,
  openRig,
  type Rig,
  ROSTER,
  record,
  update,
} from './rig.ts';

const roots: string[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) await dropRoot(root);
});

const fate = fc.constantFrom('taken', 'not-drawn', 'absent', 'void', 'unknown', 'unknown-not-drawn');
const restart = fc.constantFrom('none', 'before-contribute', 'before-settle', 'after-settle');
const plan = fc.array(
  fc.record({
    fate,
    restart,
    tier: fc.constantFrom('fp16', 'int8', 'int4', 'sparse'),
    stepsBefore: fc.integer({ min: 0, max: 3 }),
    stepsAfter: fc.integer({ min: 0, max: 3 }),
    snapshots: fc.boolean(),
    taken: fc.array(fc.constantFrom(true, true, false, null), { minLength: CHUNKS, maxLength: CHUNKS }),
  }),
  { minLength: 1, maxLength: 10 },
);

/** All progress so far, as float64, and what the group (or the fog) took of it. */
class Account {
  progress = new Float64Array(ELEMENTS);
  durable = new Float64Array(ELEMENTS);
  taken = new Float64Array(ELEMENTS);
  seed = 1;

  learn({ local }: Rig, steps: number) {
    for (let step = 0; step < steps; step += 1) {
      this.seed += 1;
      const learned = update(this.seed);
      const before = local.parameters;
      local.learn(learned);
      // What float32 made of the step is the progress.
      for (let i = 0; i < ELEMENTS; i += 1) this.progress[i]! -= local.parameters[i]! - before[i]!;
    }
  }
  saved() {
    this.durable = this.progress.slice();
  }
  restarted() {
    this.progress = this.durable.slice();
  }
  /** Progress that is nowhere, or counted twice: the largest gap of all elements. */
  async gap({ replica, local }: Rig): Promise<number> {
    const [residue, base] = [await residueOf(replica), await baseOf(replica)];
    let gap = 0;
    for (let i = 0; i < ELEMENTS; i += 1) {
      const held = this.taken[i]! + residue[i]! + base[i]! - local.parameters[i]!;
      gap = Math.max(gap, Math.abs(held - this.progress[i]!));
    }
    return gap;
  }
}

/** Zeros where nothing is owed. */
const residueOf = async ({ residue }: Replica) =>
  residue ? whole(residue, ELEMENTS) : new Float32Array(ELEMENTS);

async function offeredNow({ replica, local }: Rig): Promise<Float32Array> {
  const residue = await residueOf(replica);
  const base = await baseOf(replica);
  return base.map((value, i) => value - local.parameters[i]! + residue[i]!);
}

test('a residue counts the share of itself that the profile names', async () => {
  const residue = inMemory(Float32Array.of(1, -4, 0.5));
  const nothing = inMemory(new Float32Array(3));
  const learned = inMemory(Float32Array.of(0, 1, 0));
  const extent = { elements: 3, chunkElements: 2, residueDecay: 0.5 };
  const values: number[] = [];
  for await (const window of offered(new Slices(), { base: learned, local: nothing, residue }, extent))
    values.push(...window.values);
  expect(values).toEqual([0.5, -1, 0.25]);
});

test('nothing is lost and nothing counts twice, whatever comes of the rounds and whenever the power goes', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (rounds) => {
      const root = await newRoot();
      roots.push(root);
      const account = new Account();
      let rig = await openRig(root);
      const reopen = async () => {
        rig = await openRig(root);
        account.restarted();
      };
      for (const [
        round,
        { fate, restart, tier, stepsBefore, stepsAfter, snapshots, taken },
      ] of rounds.entries()) {
        account.learn(rig, stepsBefore);
        if (snapshots) {
          await keepLocal(rig.replica);
          account.saved();
        }
        if (restart === 'before-contribute') await reopen();
        const offered = await offeredNow(rig);
        const { coder } = rig.replica;
        if (fate !== 'absent') {
          await contribute(rig.replica, { round, codec: tier, medianNorm: null }, record(round));
          account.saved();
        }
        account.learn(rig, stepsAfter);
        if (restart === 'before-settle') await reopen();

        const committed = fate === 'taken' || fate === 'not-drawn' || fate === 'absent';
        let resultId = null;
        if (committed) {
          const mine = fate === 'taken' ? taken : taken.map((bit) => (bit === null ? null : false));
          const average = numbers(1000 + round, ELEMENTS).map((value) => value * 0.02);
          await leaveAverage(root, round, average, mine);
          ({ resultId } = await prepare(rig.replica, { round, rosterDigest: ROSTER }));
        }
        const outcome = committed ? 'committed' : fate === 'void' ? 'void' : 'unknown';
        const drawn = fate === 'taken' || fate === 'void' || fate === 'unknown';
        const standing = await settle(rig.replica, { round, outcome, resultId, drawn, medianNorm: null });
        expect(standing.id === resultId).toBe(committed);
        // Where the snapshot on the base before waits for its rebase, a restart goes on from it.
        const isWritten = rig.replica.current.rebase === null;
        if ((committed && isWritten) || (fate === 'unknown' && drawn)) account.saved();

        for (let k = 0; k < CHUNKS; k += 1) {
          const part = offered.subarray(k * CHUNK, (k + 1) * CHUNK);
          const sent = coder.decode(tier, k, coder.encode(tier, k, part))!;
          for (let i = 0; i < part.length; i += 1) {
            if (fate === 'taken' && taken[k] === true) account.taken[k * CHUNK + i]! += sent[i]!;
            if (fate === 'unknown') account.taken[k * CHUNK + i]! += part[i]!;
          }
        }
        if (restart === 'after-settle') await reopen();
        expect(await account.gap(rig)).toBeLessThan(1e-5);
      }
      // Several members of a committed round agree bit for bit, so a second settle finds nothing to do.
      const again = await settle(rig.replica, {
        round: rounds.length - 1,
        outcome: 'void',
        resultId: null,
        drawn: true,
        medianNorm: null,
      });
      expect(again.id).toBe(rig.replica.current.standing.id);
      expect(await account.gap(rig)).toBeLessThan(1e-5);
      await dropRoot(root);
    }),
    { numRuns: runs(12, 120) },
  );
}, 240_000);
