import { describe, expect, it } from 'vitest';
import type { SubnetFacts } from '../../../src-main/network/chain.ts';
import type { HotkeyAverage } from '../../../src-main/scoring/weights-plan.ts';
import { weightsSetter } from '../../../src-main/scoring/weights-setter.ts';
import type { WeightsState } from '../../../src-shared/contract/page/runs.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { miners, witness } from '../rounds/machine-bench.ts';
import { memoryHidden } from './memory-hidden.ts';
import { ALWAYS, memoryLast, seen } from './memory-last.ts';

const [anna, bob, newcomer] = miners as [Ss58, Ss58, Ss58, Ss58];

type Over = Partial<SubnetFacts> & { readonly evidenceBlocks?: number };

/** A validator at uid 0, anna at 1 and bob at 2. */
function bench(averages: readonly HotkeyAverage[], { evidenceBlocks = ALWAYS, ...subnet }: Over = {}) {
  const chain = fakeChain({ neurons: [witness, anna, bob].map((hotkey) => ({ hotkey })), subnet });
  const told: CodedError[] = [];
  const states: (WeightsState | null)[] = [];
  const setter = weightsSetter({
    chain,
    signer: { address: witness, sign: async () => new Uint8Array(64) },
    hotkey: witness,
    hidden: memoryHidden(),
    last: memoryLast(),
    evidenceBlocks,
    signal: new AbortController().signal,
    problem: (error) => told.push(error),
    onState: () => states.push(setter.state),
  });
  setter.offer(averages);
  /** Looks at a final block of the number named; the call it makes is final by the end. */
  async function at(block: number) {
    chain.sealTo(block);
    setter.onBlock(block);
    const calls = chain.submitted.length;
    const settled = setter.settled();
    // The chain is read first; a few turns of the loop, no time.
    for (let turn = 0; turn < 60 && chain.submitted.length === calls; turn++) await Promise.resolve();
    chain.sealTo(block + 2);
    await settled;
    return chain.weights.get(witness) ?? [];
  }
  return { chain, told, setter, at };
}

describe('weights', () => {
  it('go to hotkeys: who takes over a uid inherits nothing from who held it', async () => {
    const { chain, at } = bench([
      { hotkey: anna, average: 0.9, ...seen },
      { hotkey: bob, average: 0.3, ...seen },
    ]);
    chain.sealTo(49);
    chain.handOver(1, newcomer);
    expect(await at(50)).toEqual([{ uid: 2, weight: 65_535 }]);
  });

  it('follow a hotkey to the uid that it holds now', async () => {
    const { chain, at } = bench([{ hotkey: anna, average: 0.9, ...seen }]);
    chain.handOver(1, newcomer);
    chain.handOver(2, anna);
    expect(await at(50)).toEqual([{ uid: 2, weight: 65_535 }]);
  });

  it('are not set where all who earned them are gone', async () => {
    const { chain, at } = bench([{ hotkey: anna, average: 0.9, ...seen }]);
    chain.handOver(1, newcomer);
    expect(await at(50)).toEqual([]);
    expect(chain.submitted).toEqual([]);
  });

  it('leave out an average that is no number, and its uid is told', async () => {
    const { told, at } = bench([
      { hotkey: anna, average: Number.NaN, ...seen },
      { hotkey: bob, average: 0.3, ...seen },
    ]);
    expect(await at(50)).toEqual([{ uid: 2, weight: 65_535 }]);
    expect(told).toEqual([{ code: 'AVERAGES_BROKEN', params: { uids: '1' } }]);
  });

  it('are told to age where nobody scores above 0, not where nobody was measured', async () => {
    const idle = bench([{ hotkey: anna, average: null, ...seen }]);
    await idle.at(50);
    expect(idle.told).toEqual([]);
    const { chain, told, at } = bench([
      { hotkey: anna, average: 0, ...seen },
      { hotkey: bob, average: 0, ...seen },
    ]);
    await at(50);
    expect(chain.submitted).toEqual([]);
    expect(told).toEqual([{ code: 'WEIGHTS_AGE', params: { block: 0 } }]);
  });

  it('are told to be broken where no other average is left', async () => {
    const { chain, told, at } = bench([{ hotkey: anna, average: Number.POSITIVE_INFINITY, ...seen }]);
    await at(50);
    expect(chain.submitted).toEqual([]);
    expect(told).toEqual([{ code: 'AVERAGES_BROKEN', params: { uids: '1' } }]);
  });

  it('are made by the rules of the block that they are made in', async () => {
    const { chain, at } = bench([{ hotkey: anna, average: 0.9, ...seen }], { minAllowedWeights: 2 });
    await at(50);
    expect(chain.submitted).toMatchObject([
      {
        weights: [
          { uid: 1, weight: 65_535 },
          { uid: 2, weight: 0 },
        ],
      },
    ]);
    const few = bench([{ hotkey: anna, average: 0.9, ...seen }], { maxWeightsLimit: 30_000 });
    await few.at(50);
    expect(few.chain.submitted).toEqual([]);
    expect(few.told).toEqual([{ code: 'WEIGHTS_TOO_FEW', params: { needed: 3, uids: 1 } }]);
  });

  it('that stand already are not sent again before the chain forgets them', async () => {
    const { chain, setter, at } = bench([{ hotkey: anna, average: 0.9, ...seen }], { activityCutoff: 200 });
    await at(50);
    setter.offer([{ hotkey: anna, average: 0.4, ...seen }]);
    await at(70);
    expect(chain.submitted.length).toBe(1);
    setter.offer([
      { hotkey: anna, average: 0.4, ...seen },
      { hotkey: bob, average: 0.4, ...seen },
    ]);
    await at(80);
    expect(chain.submitted.length).toBe(2);
    await at(120);
    expect(chain.submitted.length).toBe(2);
    // Half of the cutoff after the last.
    await at(182);
    expect(chain.submitted.length).toBe(3);
  });

  it('of a validator that slept are not set from what it knew before, but from what it checks then', async () => {
    const old = { workedBlock: 50, checkedBlock: 50 };
    const { chain, told, setter, at } = bench([{ hotkey: anna, average: 0.9, ...old }], {
      evidenceBlocks: 80,
    });
    await at(200);
    expect(chain.submitted).toEqual([]);
    expect(told).toEqual([{ code: 'WEIGHTS_THIN', params: { checked: 0, needed: 1, blocks: 80 } }]);
    setter.offer([{ hotkey: anna, average: 0.7, workedBlock: 210, checkedBlock: 210 }]);
    await at(211);
    expect(chain.submitted.length).toBe(1);
  });

  it('are told to run out, once, a quarter of the cutoff before', async () => {
    const { told, setter, at } = bench([{ hotkey: anna, average: 0.9, ...seen }], {
      activityCutoff: 100,
      evidenceBlocks: 60,
    });
    await at(50);
    setter.offer([{ hotkey: anna, average: 0, ...seen }]);
    for (const block of [100, 125, 126, 127, 128, 140]) await at(block);
    const codes = told.filter(({ code }) => code === 'WEIGHTS_EXPIRE');
    // Set in block 51: they count up to 151.
    expect(codes).toEqual([
      { code: 'WEIGHTS_EXPIRE', params: { block: 51, from: 152, blocks: expect.any(Number) } },
    ]);
    expect(Number(codes[0]!.params.blocks)).toBeLessThanOrEqual(25);
  });

  it('are set anew by a hotkey that lost its uid and has one again: of those before none stand', async () => {
    const same = [{ hotkey: anna, average: 0.5, ...seen }];
    const { chain, setter, at } = bench(same, { weightsSetRateLimit: 5 });
    await at(50);
    chain.handOver(0, newcomer);
    chain.sealTo(59);
    chain.handOver(0, witness);
    setter.offer(same);
    await at(66);
    expect(chain.submitted.length).toBe(2);
  });

  it('are planned as they would be set, beside the last, and nothing is sent for that', async () => {
    const { chain, setter, at } = bench([
      { hotkey: anna, average: 0.5, ...seen },
      { hotkey: bob, average: 0.25, ...seen },
    ]);
    await at(50);
    chain.handOver(1, newcomer);
    chain.sealTo(60);
    setter.offer([
      { hotkey: anna, average: 0.5, ...seen },
      { hotkey: bob, average: 0.25, ...seen },
      { hotkey: newcomer, average: 0.5, ...seen },
    ]);
    expect(await setter.plan()).toMatchObject({
      block: 60,
      held: { code: 'no-permit' },
      lastUpdate: 51,
      inactiveFrom: 5_052,
      rows: [
        { uid: 1, hotkey: newcomer, weight: 65_535, before: null },
        { uid: 2, hotkey: bob, weight: 32_768, before: 32_768 / 98_303 },
      ],
    });
    expect(chain.submitted.length).toBe(1);
  });
});
