import { describe, expect, it } from 'vitest';
import type { HiddenCommit } from '../../../src-main/scoring/hidden-weights.ts';
import { weightsSetter } from '../../../src-main/scoring/weights-setter.ts';
import { decryptTimelocked, pulseOf } from '../../../src-node/timelock.ts';
import { decodeWeightsPayload } from '../../../src-shared/chain/timelock.ts';
import type { WeightsState } from '../../../src-shared/contract/page/runs.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { type Ss58, ss58 } from '../../../src-shared/units.ts';
import { FAKE_BEACON, type FakeChain, fakeChain } from '../../fakes/fake-chain.ts';
import { miners } from '../rounds/machine-bench.ts';
import { memoryHidden } from './memory-hidden.ts';
import { ALWAYS, memoryLast, seen } from './memory-last.ts';

const [anna] = miners as [Ss58];
/** A real address: its public key is what is sealed. */
const witness = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
/** On the subnet of the fake chain epochs begin at 5, 16, 27, …: every 11 blocks. */
const neurons = [{ hotkey: witness }, { hotkey: anna }];

function bench(
  chain: FakeChain = fakeChain({ neurons, subnet: { commitReveal: true } }),
  kept: HiddenCommit[] = [],
) {
  const told: CodedError[] = [];
  const states: (WeightsState | null)[] = [];
  const last = memoryLast();
  const setter = weightsSetter({
    chain,
    signer: { address: witness, sign: async () => new Uint8Array(64) },
    hotkey: witness,
    hidden: memoryHidden(kept),
    ...{ last, evidenceBlocks: ALWAYS },
    signal: new AbortController().signal,
    problem: (error) => told.push(error),
    onState: () => states.push(setter.state),
  });
  setter.offer([{ hotkey: anna, average: 0.5, ...seen }]);
  /** Seals that block and lets the setter look at it until it has done what it does. */
  async function at(block: number): Promise<void> {
    chain.sealTo(block);
    setter.onBlock(block);
    const before = chain.submitted.length;
    let isSettled = false;
    const settled = setter.settled().then(() => {
      isSettled = true;
    });
    // The seal is made on a thread of its own: its end is what is waited for, not a time.
    while (!isSettled && chain.submitted.length === before)
      await new Promise((resolve) => setImmediate(resolve));
    if (chain.submitted.length > before) chain.sealTo(block + 2);
    await settled;
  }
  return { chain, setter, states, told, kept, last, at };
}

describe('where weights are hidden first', () => {
  it('they are committed once in an epoch, and told to be opened in the next', async () => {
    const { chain, setter, states, at } = bench();
    await at(50);
    for (const block of [53, 54]) {
      setter.offer([{ hotkey: anna, average: 0.7, ...seen }]);
      await at(block);
    }
    expect(chain.submitted.map(({ kind }) => kind)).toEqual(['commitWeights']);
    expect(states).toEqual([{ kind: 'committed', block: 51, revealBlock: 60 }]);
    await at(60);
    expect(chain.submitted).toHaveLength(2);
  });

  it('what was committed last is what the chain took, whatever has been offered in the epoch since', async () => {
    const { chain, setter, last, kept, at } = bench();
    await at(50);
    const took = { block: 51, weights: [{ uid: 1, hotkey: anna, weight: 65_535 }] };
    expect(await last.read()).toEqual(took);
    const others = [{ hotkey: witness, average: 0.7, ...seen }];
    setter.offer(others);
    await at(53);
    const again = bench(chain, kept);
    again.setter.offer(others);
    await again.at(54);
    expect(chain.submitted).toHaveLength(1);
    expect([await last.read(), await again.last.read()]).toEqual([took, took]);
  });

  it('those offered in a later epoch are committed in it, though nothing was due at its beginning', async () => {
    const { chain, setter, at } = bench();
    await at(50);
    await at(60);
    setter.offer([{ hotkey: anna, average: 0.9, ...seen }]);
    await at(61);
    expect(chain.submitted).toHaveLength(2);
  });

  it('the chain can open them with the pulse of their round, and with no other', async () => {
    const { chain, at } = bench();
    await at(50);
    const [call] = chain.submitted;
    if (call?.kind !== 'commitWeights') throw new Error('nothing was committed');
    const { cipher, revealRound } = call;
    expect(decryptTimelocked(cipher, pulseOf(FAKE_BEACON, revealRound - 1))).toBeNull();
    const plain = decryptTimelocked(cipher, pulseOf(FAKE_BEACON, revealRound));
    expect(plain && decodeWeightsPayload(plain)).toEqual({
      hotkey: publicKeyOf(witness),
      ...{ uids: [1], values: [65_535], versionKey: 0n },
    });
  });

  it('a start that finds its commit on the chain sends no other', async () => {
    const { chain, at } = bench();
    await at(50);
    const again = bench(chain);
    await again.at(53);
    expect(chain.submitted).toHaveLength(1);
    expect(again.states).toEqual([{ kind: 'committed', block: 51, revealBlock: 60 }]);
  });

  it('a uid that changes hands while they are hidden is told, once, and after a restart too', async () => {
    const { chain, told, kept, at } = bench();
    await at(50);
    expect(told).toEqual([]);
    chain.handOver(1, ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV'));
    for (const block of [54, 55, 56]) await at(block);
    const expected = [{ code: 'HIDDEN_WEIGHTS_OUTDATED', params: { block: 51, uids: '1' } }];
    const outdated = (all: readonly CodedError[]) =>
      all.filter(({ code }) => code === 'HIDDEN_WEIGHTS_OUTDATED');
    expect(outdated(told)).toEqual(expected);
    const again = bench(chain, kept);
    await again.at(57);
    expect(outdated(again.told)).toEqual(expected);
  });

  it('once they are open nobody is told of them, whoever holds the uid', async () => {
    const { chain, told, at } = bench();
    await at(50);
    chain.sealTo(60);
    chain.handOver(1, ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV'));
    await at(62);
    expect(told).toEqual([]);
  });

  it('nothing is committed so late that it would be included in the next epoch', async () => {
    const { chain, at } = bench();
    await at(57);
    await at(59);
    expect(chain.submitted).toEqual([]);
    await at(60);
    expect(chain.submitted).toHaveLength(1);
  });
});
