import { describe, expect, it } from 'vitest';
import { type HotkeyAverage, weightsSetter } from '../../../src-main/scoring/weights-setter.ts';
import type { WeightsState } from '../../../src-shared/contract/page/runs.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { miners, witness } from '../rounds/machine-bench.ts';
import { memoryHidden } from './memory-hidden.ts';

const [anna, bob, newcomer] = miners as [Ss58, Ss58, Ss58, Ss58];

/** A validator at uid 0, anna at 1 and bob at 2. */
function bench(averages: readonly HotkeyAverage[]) {
  const chain = fakeChain({ neurons: [witness, anna, bob].map((hotkey) => ({ hotkey })) });
  const told: CodedError[] = [];
  const states: (WeightsState | null)[] = [];
  const setter = weightsSetter({
    chain,
    signer: { address: witness, sign: async () => new Uint8Array(64) },
    hotkey: witness,
    hidden: memoryHidden(),
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
    for (let turn = 0; turn < 20 && chain.submitted.length === calls; turn++) await Promise.resolve();
    chain.sealTo(block + 2);
    await settled;
    return chain.weights.get(witness) ?? [];
  }
  return { chain, told, at };
}

describe('weights', () => {
  it('go to hotkeys: who takes over a uid inherits nothing from who held it', async () => {
    const { chain, at } = bench([
      { hotkey: anna, average: 0.9 },
      { hotkey: bob, average: 0.3 },
    ]);
    chain.sealTo(49);
    chain.handOver(1, newcomer);
    expect(await at(50)).toEqual([{ uid: 2, weight: 65_535 }]);
  });

  it('follow a hotkey to the uid that it holds now', async () => {
    const { chain, at } = bench([{ hotkey: anna, average: 0.9 }]);
    chain.handOver(1, newcomer);
    chain.handOver(2, anna);
    expect(await at(50)).toEqual([{ uid: 2, weight: 65_535 }]);
  });

  it('are not set where all who earned them are gone', async () => {
    const { chain, at } = bench([{ hotkey: anna, average: 0.9 }]);
    chain.handOver(1, newcomer);
    expect(await at(50)).toEqual([]);
    expect(chain.submitted).toEqual([]);
  });

  it('leave out an average that is no number, and its uid is told', async () => {
    const { told, at } = bench([
      { hotkey: anna, average: Number.NaN },
      { hotkey: bob, average: 0.3 },
    ]);
    expect(await at(50)).toEqual([{ uid: 2, weight: 65_535 }]);
    expect(told).toEqual([{ code: 'AVERAGES_BROKEN', params: { uids: '1' } }]);
  });

  it('are told to age where nobody scores above 0, not where nobody was measured', async () => {
    const idle = bench([{ hotkey: anna, average: null }]);
    await idle.at(50);
    expect(idle.told).toEqual([]);
    const { chain, told, at } = bench([
      { hotkey: anna, average: 0 },
      { hotkey: bob, average: 0 },
    ]);
    await at(50);
    expect(chain.submitted).toEqual([]);
    expect(told).toEqual([{ code: 'WEIGHTS_AGE', params: { block: 0 } }]);
  });

  it('are told to be broken where no other average is left', async () => {
    const { chain, told, at } = bench([{ hotkey: anna, average: Number.POSITIVE_INFINITY }]);
    await at(50);
    expect(chain.submitted).toEqual([]);
    expect(told).toEqual([{ code: 'AVERAGES_BROKEN', params: { uids: '1' } }]);
  });
});
