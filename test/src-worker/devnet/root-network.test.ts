import { expect, test } from 'vitest';
import { subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, openModel, TAO } from './model.ts';

const [alice, bob] = [account(21).hex, account(22).hex];
const hotkey = (n: number): string => account(100 + n).hex;

test('root has 64 seats: one a block, three in an interval, and then the least stake leaves for a greater one', () => {
  const model = openModel();
  const { store } = model.chain;
  const register = (n: number, who = alice) => model.send(who, 'root_register', { hotkey: hotkey(n) });
  model.pass(1);
  expect(store.get(subnets.MaxAllowedUids, 0)).toBe(64);
  model.fund(bob, 1_000n);
  expect(register(0)).toBeNull();
  expect(store.get(subnets.Owner, hotkey(0))).toBe(alice);
  expect(register(0)).toBe('HotKeyAlreadyRegisteredInSubNet');
  expect([register(1), register(2), register(3)]).toEqual([null, null, 'TooManyRegistrationsThisInterval']);
  for (let n = 3; n < 64; n++) {
    if (register(n) === null) continue;
    model.pass(100);
    expect(register(n)).toBeNull();
  }
  expect(store.get(subnets.SubnetworkN, 0)).toBe(64);
  model.pass(100);
  expect(register(64)).toBe('StakeTooLowForRoot');
  const stake = (n: number, tao: bigint) =>
    model.send(bob, 'add_stake', { hotkey: hotkey(n), netuid: 0, amount_staked: tao * TAO });
  for (const n of [0, 1]) expect(stake(n, 10n)).toBeNull();
  // Uid 2 is the lowest of those with nothing behind them.
  expect(stake(2, 5n)).toBeNull();
  expect(stake(64, 1n)).toBe('HotKeyAccountNotExists');
  model.chain.block(({ context }) => {
    context.store.put(subnets.Owner, bob, hotkey(64));
  });
  expect(stake(64, 1n)).toBeNull();
  expect(register(64, bob)).toBeNull();
  expect(store.get(subnets.Keys, 0, 3)).toBe(hotkey(64));
  expect(store.get(subnets.Uids, 0, hotkey(3))).toBeNull();
  expect(store.get(subnets.SubnetworkN, 0)).toBe(64);
  expect(store.get(subnets.Delegates, hotkey(64))).toBe(11_796);
});

test('two registrations on root do not fit one block', () => {
  const model = openModel();
  const outcomes = model.chain.block(({ context }) =>
    [0, 1].map((n) => {
      try {
        context.nested(() =>
          context.dispatch(alice, {
            type: 'SubtensorModule',
            value: { type: 'root_register', value: { hotkey: hotkey(n) } },
          }),
        );
        return null;
      } catch (thrown) {
        return (thrown as Error).message;
      }
    }),
  );
  expect(outcomes).toEqual([null, 'SubtensorModule.TooManyRegistrationsThisBlock']);
});
