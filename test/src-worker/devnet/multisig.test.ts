import type { ApiPromise } from '@polkadot/api';
import type { ISubmittableResult } from '@polkadot/types/types';
import { createKeyDerived, createKeyMulti, encodeAddress, sortAddresses } from '@polkadot/util-crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alice, bob, call, eventNames, freeRao, key, openRig, query, type Rig, TAO } from './rig.ts';

const carol = key('carol');
const ALL = [alice, bob, carol].map(({ address }) => address);
const othersThan = (address: string) =>
  sortAddresses(
    ALL.filter((each) => each !== address),
    42,
  );
/** Two of three. Both addresses are computed by an independent library. */
const shared = encodeAddress(createKeyMulti(ALL, 2), 42);
const anyOfUs = encodeAddress(createKeyMulti(ALL, 1), 42);
const DEPOSIT = 132_000_000n + 2n * 32_000_000n;
const ENOUGH = { refTime: 10n ** 12n, proofSize: 0n };

/** One chain for all; the tests run in order. */
let rig: Rig;
let api: ApiPromise;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  rig = await openRig(undefined, ((step: () => Promise<void>) => cleanups.push(step)) as never);
  api = rig.api;
  for (const address of [bob.address, carol.address, shared, anyOfUs])
    await rig.outcome(call(api, 'balances.transferKeepAlive', address, 100n * TAO), alice);
});
afterAll(async () => {
  for (const step of cleanups) await step();
});

const pay = (to: string, rao: bigint) => call(api, 'balances.transferKeepAlive', to, rao);
const reservedRao = async (address: string): Promise<bigint> =>
  (await query(api, 'system.account', address)).data.reserved.toBigInt();
const asMulti = (who: string, when: unknown, inner: ReturnType<typeof call>, weight: unknown = ENOUGH) =>
  call(api, 'multisig.asMulti', 2, othersThan(who), when, inner, weight);
const approve = (who: string, when: unknown, inner: ReturnType<typeof call>) =>
  call(api, 'multisig.approveAsMulti', 2, othersThan(who), when, inner.method.hash.toHex(), ENOUGH);
const cancel = (who: string, when: unknown, inner: ReturnType<typeof call>) =>
  call(api, 'multisig.cancelAsMulti', 2, othersThan(who), when, inner.method.hash.toHex());
const openedAt = async (inner: ReturnType<typeof call>) => {
  const open = await query(api, 'multisig.multisigs', shared, inner.method.hash.toHex());
  return open.unwrap().when;
};
// biome-ignore lint/suspicious/noExplicitAny: decoded by metadata at run time
const outcomeOf = (result: ISubmittableResult): any =>
  // biome-ignore lint/suspicious/noExplicitAny: decoded by metadata at run time
  (result.events.find(({ event }) => event.method === 'MultisigExecuted')!.event.data as any).result;

describe('a multisig of two of three', () => {
  test('is opened for a deposit and executed by the second, as the account that others compute', async () => {
    const payment = pay(key('paid-together').address, 3n * TAO);
    expect(eventNames(await rig.send(asMulti(alice.address, null, payment), alice))).toContain(
      'multisig.NewMultisig',
    );
    expect(await reservedRao(alice.address)).toBe(DEPOSIT);
    const when = await openedAt(payment);
    const result = await rig.send(asMulti(bob.address, when, payment), bob);
    expect(outcomeOf(result).isOk).toBe(true);
    expect(await freeRao(api, key('paid-together').address)).toBe(3n * TAO);
    expect(await freeRao(api, shared)).toBe(97n * TAO);
    expect(await reservedRao(alice.address)).toBe(0n);
    expect((await query(api, 'multisig.multisigs', shared, payment.method.hash.toHex())).isNone).toBe(true);
  });

  test('takes each approval once, at its own timepoint, in its own order', async () => {
    const payment = pay(bob.address, TAO);
    expect(await rig.outcome(approve(alice.address, null, payment), alice)).toBeNull();
    const when = await openedAt(payment);
    const late = { height: when.height.toNumber() + 1, index: when.index.toNumber() };
    expect(await rig.outcome(approve(alice.address, when, payment), alice)).toBe('multisig.AlreadyApproved');
    expect(await rig.outcome(approve(bob.address, null, payment), bob)).toBe('multisig.NoTimepoint');
    expect(await rig.outcome(approve(bob.address, late, payment), bob)).toBe('multisig.WrongTimepoint');
    const early = asMulti(bob.address, when, pay(bob.address, 2n * TAO));
    expect(await rig.outcome(early, bob)).toBe('multisig.UnexpectedTimepoint');
    const cheap = asMulti(bob.address, when, payment, { refTime: 1n, proofSize: 0n });
    expect(await rig.outcome(cheap, bob)).toBe('multisig.MaxWeightTooLow');
    // Approved by two without the call: the third, or any of them, brings it.
    expect(await rig.outcome(approve(bob.address, when, payment), bob)).toBeNull();
    expect(await rig.outcome(approve(carol.address, when, payment), carol)).toBe('multisig.AlreadyApproved');
    expect(outcomeOf(await rig.send(asMulti(carol.address, when, payment), carol)).isOk).toBe(true);
  });

  test('whose call fails says so and is closed all the same', async () => {
    const payment = pay(bob.address, 1_000_000n * TAO);
    await rig.send(asMulti(carol.address, null, payment), carol);
    const result = await rig.send(asMulti(bob.address, await openedAt(payment), payment), bob);
    expect(result.dispatchError).toBeUndefined();
    expect(outcomeOf(result).asErr.asToken.type).toBe('FundsUnavailable');
    expect(await reservedRao(carol.address)).toBe(0n);
  });

  test('is cancelled by whoever opened it', async () => {
    const payment = pay(bob.address, 5n * TAO);
    await rig.send(asMulti(alice.address, null, payment), alice);
    const when = await openedAt(payment);
    expect(await rig.outcome(cancel(bob.address, when, payment), bob)).toBe('multisig.NotOwner');
    expect(await rig.outcome(cancel(alice.address, { height: 1, index: 1 }, payment), alice)).toBe(
      'multisig.WrongTimepoint',
    );
    expect(await rig.outcome(cancel(alice.address, when, payment), alice)).toBeNull();
    expect(await reservedRao(alice.address)).toBe(0n);
    expect(await rig.outcome(cancel(alice.address, when, payment), alice)).toBe('multisig.NotFound');
  });

  test('is made only of others, sorted, and of at least two approvals', async () => {
    const payment = pay(bob.address, TAO);
    const of = (threshold: number, others: string[]) =>
      call(api, 'multisig.asMulti', threshold, others, null, payment, ENOUGH);
    const sorted = othersThan(alice.address);
    expect(await rig.outcome(of(1, sorted), alice)).toBe('multisig.MinimumThreshold');
    expect(await rig.outcome(of(2, []), alice)).toBe('multisig.TooFewSignatories');
    expect(await rig.outcome(of(2, sorted.toReversed()), alice)).toBe('multisig.SignatoriesOutOfOrder');
    expect(await rig.outcome(of(2, sortAddresses([alice.address, bob.address], 42)), alice)).toBe(
      'multisig.SenderInSignatories',
    );
    const crowd = sortAddresses(
      Array.from({ length: 100 }, (_, i) => encodeAddress(new Uint8Array(32).fill(i + 1), 42)),
      42,
    );
    expect(await rig.outcome(of(2, crowd), alice)).toBe('multisig.TooManySignatories');
  });
});

test('a multisig of one of three acts at once, and fails as its call does', async () => {
  const alone = (inner: ReturnType<typeof call>) =>
    call(api, 'multisig.asMultiThreshold1', othersThan(carol.address), inner);
  expect(outcomeOf(await rig.send(alone(pay(bob.address, TAO)), carol)).isOk).toBe(true);
  expect(await freeRao(api, anyOfUs)).toBe(99n * TAO);
  expect(await rig.outcome(alone(pay(bob.address, 1_000n * TAO)), carol)).toBe('Token.FundsUnavailable');
});

test('an account acts for its under-accounts, whose addresses others compute', async () => {
  const under = encodeAddress(createKeyDerived(carol.address, 3), 42);
  await rig.outcome(pay(under, 10n * TAO), alice);
  const derived = (index: number) => call(api, 'utility.asDerivative', index, pay(bob.address, TAO));
  expect(await rig.outcome(derived(3), carol)).toBeNull();
  expect(await freeRao(api, under)).toBe(9n * TAO);
  expect(await rig.outcome(derived(4), carol)).toBe('Token.FundsUnavailable');
});
