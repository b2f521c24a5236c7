import { describe, expect, test } from 'vitest';
import { averageFlow, flowWeights } from '../../../../src-worker/devnet/economy/flow.ts';
import { flowItems } from '../../../../src-worker/devnet/runtime/subtensor/flows.ts';
import { stakeOf } from '../../../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, openModel, optionsOf, TAO } from '../model.ts';

/** `FlowEmaSmoothingFactor` of 393, of 2^63 - 1: half of a flow is forgotten in 216,000 blocks, which is a month. */
const FACTOR = 29_597_889_189_277n;
const units = (bits: bigint): number => Number(bits) / 2 ** 64;

describe('the average of TAO flows', () => {
  test('takes in a fixed part of each block’s flow, and forgets half in a month', () => {
    const once = averageFlow(0n, 1_000_000_000_000n, FACTOR);
    expect(units(once) / (1e12 * (29_597_889_189_277 / (2 ** 63 - 1)))).toBeCloseTo(1, 9);
    let average = once;
    for (let block = 0; block < 216_000; block++) average = averageFlow(average, 0n, FACTOR);
    expect(units(average) / units(once)).toBeCloseTo(0.5, 3);
  });

  test('what goes out counts against it', () => {
    const average = averageFlow(averageFlow(0n, 500_000n, FACTOR), -500_000n, FACTOR);
    expect(units(average)).toBeLessThan(0.001);
    expect(averageFlow(0n, -1_000n, FACTOR)).toBe(-averageFlow(0n, 1_000n, FACTOR));
  });

  test('weighs only what lies above zero, or above a cutoff', () => {
    expect(flowWeights([30n, 10n, 0n, -5n], 0n)).toEqual([30n, 10n, 0n, 0n]);
    expect(flowWeights([30n, 10n, -5n], 20n)).toEqual([10n, 0n, 0n]);
    // A cutoff below zero: the lowest subnet is what the others are measured by.
    expect(flowWeights([30n, -4n, -5n], -20n)).toEqual([35n, 1n, 0n]);
    expect(flowWeights([-1n, 0n], 0n)).toEqual([0n, 0n]);
  });
});

test('new TAO goes to subnets by what orders brought them, and is not minted before any has', () => {
  const [first] = optionsOf().subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const netuids = [38, 39];
  const all = netuids.map((netuid, i) => ({ ...first, netuid, ownerHotkey: account(1 + i).ss58 }));
  const { chain, send, fund, pass } = openModel({ subnets: all });
  for (const netuid of netuids) send(account(0).hex, 'start_call', { netuid });
  const alice = account(21).hex;
  fund(alice, 1_000n);
  const issued = chain.store.get(subnets.TotalIssuance);
  pass(5);
  expect(chain.store.get(subnets.TotalIssuance)).toBe(issued);
  chain.block(({ context }) => {
    for (const [i, tao] of [30n, 10n].entries()) {
      const value = { hotkey: account(1 + i).hex, netuid: netuids[i], amount_staked: tao * TAO };
      context.dispatch(alice, { type: 'SubtensorModule', value: { type: 'add_stake', value } });
    }
  });
  // The fee is not counted.
  expect(chain.store.get(flowItems.SubnetTaoFlow, 38)).toBe(30n * TAO - (30n * TAO * 33n) / 65_535n);
  const before = netuids.map((netuid) => chain.store.get(subnets.SubnetTAO, netuid));
  pass(1);
  const gained = netuids.map((netuid, i) => chain.store.get(subnets.SubnetTAO, netuid) - (before[i] ?? 0n));
  expect(Number(gained[0]) / 1e9).toBeCloseTo(0.75, 6);
  expect(Number(gained[1]) / 1e9).toBeCloseTo(0.25, 6);
  expect(chain.store.has(flowItems.SubnetTaoFlow, 38)).toBe(false);
  // Out again: what little of it stays counts, if any does.
  const alpha = stakeOf(chain.store, account(1).hex, alice, 38);
  expect(
    send(alice, 'remove_stake', { hotkey: account(1).hex, netuid: 38, amount_unstaked: alpha }),
  ).toBeNull();
  pass(1);
  const [here, there] = netuids.map((netuid) => chain.store.get(subnets.SubnetTaoInEmission, netuid));
  expect(here).toBeLessThan(there ?? 0n);
  const average = chain.store.get(flowItems.SubnetEmaTaoFlow, 38)?.[1].bits ?? 0n;
  expect((here ?? 0n) > 0n).toBe(average > 0n);
});
