import type { ApiPromise } from '@polkadot/api';
import type { ISubmittableResult } from '@polkadot/types/types';
import { blake2AsU8a } from '@polkadot/util-crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  call,
  eventNames,
  freeRao,
  key,
  NETUID,
  openRig,
  owner,
  query,
  type Rig,
  TAO,
} from './rig.ts';

/** Rao, by the constants of 393: 60,000,000 and 33,000,000 for each proxy. */
const depositFor = (proxies: bigint): bigint => (proxies === 0n ? 0n : 60_000_000n + 33_000_000n * proxies);
const staker = key('proxy-staker');
const small = key('proxy-small');
const stranger = key('proxy-stranger');

/** One chain for all; the tests run in order. */
let rig: Rig;
let api: ApiPromise;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  rig = await openRig(undefined, ((step: () => Promise<void>) => cleanups.push(step)) as never);
  api = rig.api;
  for (const { address } of [bob, staker, small, stranger])
    await rig.outcome(call(api, 'balances.transferKeepAlive', address, 100n * TAO), alice);
  expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner)).toBeNull();
});
afterAll(async () => {
  for (const step of cleanups) await step();
});

const account = async (address: string) => (await query(api, 'system.account', address)).data;
const reservedRao = async (address: string): Promise<bigint> => (await account(address)).reserved.toBigInt();
const addProxy = (delegate: string, kind: string, delay = 0) =>
  call(api, 'proxy.addProxy', delegate, kind, delay);
const via = (real: string, inner: ReturnType<typeof call>, kind: string | null = null) =>
  call(api, 'proxy.proxy', real, kind, inner);
const pay = (to: string, rao: bigint) => call(api, 'balances.transferKeepAlive', to, rao);

/** What the call itself came to: `null`, or the error's name. */
function executed(result: ISubmittableResult): string | null {
  const found = result.events.find(({ event }) => event.method === 'ProxyExecuted');
  if (!found) throw new Error(`no proxy was executed: ${eventNames(result)}`);
  // biome-ignore lint/suspicious/noExplicitAny: decoded by metadata at run time
  const outcome = found.event.data[0] as any;
  if (outcome.isOk) return null;
  if (!outcome.asErr.isModule) return outcome.asErr.type;
  const { section, name } = api.registry.findMetaError(outcome.asErr.asModule);
  return `${section}.${name}`;
}

describe('proxies', () => {
  test('one is added for a deposit that is reserved, and given back with it', async () => {
    const before = await account(alice.address);
    const total = before.free.toBigInt() + before.reserved.toBigInt();
    const result = await rig.send(addProxy(staker.address, 'Staking'), alice);
    expect(eventNames(result)).toEqual(expect.arrayContaining(['balances.Reserved', 'proxy.ProxyAdded']));
    const after = await account(alice.address);
    expect(after.reserved.toBigInt()).toBe(depositFor(1n));
    expect(total - after.free.toBigInt() - after.reserved.toBigInt()).toBeLessThan(TAO / 1_000n);

    expect(await rig.outcome(addProxy(small.address, 'SmallTransfer'), alice)).toBeNull();
    expect(await reservedRao(alice.address)).toBe(depositFor(2n));
    expect(await rig.outcome(addProxy(small.address, 'SmallTransfer'), alice)).toBe('proxy.Duplicate');
    expect(await rig.outcome(addProxy(alice.address, 'Any'), alice)).toBe('proxy.NoSelfProxy');

    const [list, deposit] = await query(api, 'proxy.proxies', alice.address);
    expect(deposit.toBigInt()).toBe(depositFor(2n));
    const delegates = list.map((each: { delegate: { toHex(): string } }) => each.delegate.toHex());
    expect(delegates).toEqual(delegates.toSorted());
  });

  test('one acts within its kind, and how the call went is told by an event', async () => {
    const stake = call(api, 'subtensorModule.addStake', alice.address, NETUID, TAO);
    expect(
      await rig.outcome(call(api, 'subtensorModule.burnedRegister', NETUID, alice.address), alice),
    ).toBeNull();
    const before = await freeRao(api, alice.address);
    const result = await rig.send(via(alice.address, stake), staker);
    expect(eventNames(result)).toContain('subtensorModule.StakeAdded');
    expect(executed(result)).toBeNull();
    expect(before - (await freeRao(api, alice.address))).toBe(TAO);

    const away = await rig.send(via(alice.address, pay(staker.address, TAO)), staker);
    expect(away.dispatchError).toBeUndefined();
    expect(executed(away)).toBe('system.CallFiltered');
    expect(await freeRao(api, alice.address)).toBe(before - TAO);
    const last = await query(api, 'proxy.lastCallResult', alice.address);
    expect(last.unwrap().isErr).toBe(true);
  });

  test('a small transfer is of less than half a TAO, and a batch is no way round a kind', async () => {
    expect(executed(await rig.send(via(alice.address, pay(bob.address, 499_999_999n)), small))).toBeNull();
    expect(executed(await rig.send(via(alice.address, pay(bob.address, 500_000_000n)), small))).toBe(
      'system.CallFiltered',
    );
    const batch = call(api, 'utility.batchAll', [pay(bob.address, 1_000n)]);
    expect(executed(await rig.send(via(alice.address, batch), small))).toBe('system.CallFiltered');
  });

  test('a kind that allows batches still bounds what they hold', async () => {
    expect(await rig.outcome(addProxy(bob.address, 'NonTransfer'), alice)).toBeNull();
    const before = await freeRao(api, bob.address);
    const batch = call(api, 'utility.batch', [pay(bob.address, TAO)]);
    const result = await rig.send(via(alice.address, batch), bob);
    expect(executed(result)).toBeNull();
    expect(eventNames(result)).toContain('utility.BatchInterrupted');
    expect(await freeRao(api, bob.address)).toBeLessThan(before);
    const derived = call(api, 'utility.asDerivative', 0, pay(bob.address, TAO));
    expect(executed(await rig.send(via(alice.address, derived), bob))).toBe('system.CallFiltered');
  });

  test('one hands on no more than it has', async () => {
    const wanted: [string, string | null][] = [
      ['Any', 'system.CallFiltered'],
      ['Transfer', 'system.CallFiltered'],
      ['Staking', null],
    ];
    for (const [kind, outcome] of wanted) {
      const inner = addProxy(stranger.address, kind);
      expect([kind, executed(await rig.send(via(alice.address, inner), bob))]).toEqual([kind, outcome]);
    }
    const all = call(api, 'proxy.removeProxies');
    expect(executed(await rig.send(via(alice.address, all), bob))).toBe('system.CallFiltered');
  });

  test('who is no proxy, or of another kind than said, acts for nobody', async () => {
    expect(await rig.outcome(via(bob.address, pay(alice.address, 1n)), stranger)).toBe('proxy.NotProxy');
    expect(await rig.outcome(via(alice.address, pay(bob.address, 1n), 'Any'), small)).toBe('proxy.NotProxy');
    const remove = call(api, 'proxy.removeProxy', staker.address, 'Any', 0);
    expect(await rig.outcome(remove, alice)).toBe('proxy.NotFound');
  });

  test('who holds a deposit cannot end, and what is free has to keep the account', async () => {
    const poor = key('proxy-poor');
    const fee = (await addProxy(bob.address, 'Any').paymentInfo(poor)).partialFee.toBigInt();
    // After the fee the deposit would leave one rao less than keeps the account.
    await rig.outcome(pay(poor.address, depositFor(1n) + fee + 499n), alice);
    expect(await rig.outcome(addProxy(bob.address, 'Any'), poor)).toBe('ConsumerRemaining');
    await rig.outcome(pay(poor.address, 1_000_000n), alice);
    expect(await rig.outcome(addProxy(bob.address, 'Any'), poor)).toBeNull();
    expect(await rig.outcome(addProxy(alice.address, 'Any'), poor)).toBe('balances.InsufficientBalance');
    const all = await freeRao(api, poor.address);
    const give = call(api, 'balances.transferAllowDeath', bob.address, all);
    expect(executed(await rig.send(via(poor.address, give), bob))).toBe('Token');
    const giveAll = call(api, 'balances.transferAll', bob.address, false);
    expect(executed(await rig.send(via(poor.address, giveAll), bob))).toBeNull();
    expect(await freeRao(api, poor.address)).toBe(500n);
    expect(executed(await rig.send(via(poor.address, call(api, 'proxy.removeProxies')), bob))).toBeNull();
    expect(await account(poor.address).then(({ reserved }) => reserved.toBigInt())).toBe(0n);
    expect(await freeRao(api, poor.address)).toBe(500n + depositFor(1n));
    expect((await query(api, 'system.account', poor.address)).consumers.toNumber()).toBe(0);
  });

  test('twenty are the most, and all go at once with the whole deposit', async () => {
    const many = key('proxy-many');
    await rig.outcome(pay(many.address, 100n * TAO), alice);
    const adds = Array.from({ length: 20 }, (_, i) => addProxy(key(`proxy-of-many-${i}`).address, 'Any'));
    expect(await rig.outcome(call(api, 'utility.batchAll', adds), many)).toBeNull();
    expect(await reservedRao(many.address)).toBe(depositFor(20n));
    expect(await rig.outcome(addProxy(bob.address, 'Any'), many)).toBe('proxy.TooMany');
    expect(await rig.outcome(call(api, 'proxy.removeProxies'), many)).toBeNull();
    expect(await reservedRao(many.address)).toBe(0n);
    expect((await query(api, 'proxy.proxies', many.address))[0]).toHaveLength(0);
  });

  test('of batches none holds another', async () => {
    const inner = call(api, 'utility.batch', [pay(bob.address, 1n)]);
    expect(await rig.outcome(call(api, 'utility.forceBatch', [inner]), alice)).toBe('system.CallFiltered');
  });
});

describe('announcements', () => {
  const late = key('proxy-late');

  beforeAll(async () => {
    await rig.outcome(pay(late.address, 100n * TAO), alice);
    expect(await rig.outcome(addProxy(late.address, 'Transfer', 3), alice)).toBeNull();
  });

  const announced = async () => (await query(api, 'proxy.announcements', late.address))[0].length;
  const say = (inner: ReturnType<typeof call>) =>
    call(api, 'proxy.announce', alice.address, inner.method.hash.toHex());
  const carryOut = (inner: ReturnType<typeof call>) =>
    call(api, 'proxy.proxyAnnounced', late.address, alice.address, null, inner);

  test('a proxy with a delay waits for it, counted from its announcement; anybody may then carry it out', async () => {
    const payment = pay(bob.address, TAO);
    expect(await rig.outcome(via(alice.address, payment), late)).toBe('proxy.Unannounced');
    expect(await rig.outcome(carryOut(payment), stranger)).toBe('proxy.Unannounced');
    expect(await rig.outcome(say(payment), late)).toBeNull();
    expect(await reservedRao(late.address)).toBe(36_000_000n + 68_000_000n);
    // Announced in block N: too early in N+1 and N+2, ripe in N+3.
    expect(await rig.outcome(carryOut(payment), stranger)).toBe('proxy.Unannounced');
    expect(await rig.outcome(carryOut(payment), stranger)).toBe('proxy.Unannounced');
    const before = await freeRao(api, bob.address);
    const result = await rig.send(carryOut(payment), stranger);
    expect(executed(result)).toBeNull();
    expect((await freeRao(api, bob.address)) - before).toBe(TAO);
    expect(await reservedRao(late.address)).toBe(0n);
    expect(await rig.outcome(carryOut(payment), stranger)).toBe('proxy.Unannounced');
  });

  test('either side takes an announcement back, and only its own', async () => {
    const payment = pay(bob.address, 2n * TAO);
    const hash = payment.method.hash.toHex();
    expect(blake2AsU8a(payment.method.toU8a())).toEqual(payment.method.hash.toU8a());
    expect(await rig.outcome(say(payment), stranger)).toBeNull(); // stranger was made a Staking proxy above
    expect(await rig.outcome(say(payment), bob)).toBeNull();
    expect(await rig.outcome(say(payment), owner)).toBe('proxy.NotProxy');
    expect(await rig.outcome(say(payment), late)).toBeNull();
    const reject = call(api, 'proxy.rejectAnnouncement', late.address, hash);
    expect(await rig.outcome(reject, bob)).toBe('proxy.NotFound');
    expect(await rig.outcome(reject, alice)).toBeNull();
    expect(await announced()).toBe(0);
    expect(await rig.outcome(say(payment), late)).toBeNull();
    const remove = call(api, 'proxy.removeAnnouncement', alice.address, hash);
    expect(await rig.outcome(remove, late)).toBeNull();
    expect(await rig.outcome(remove, late)).toBe('proxy.NotFound');
    expect(await reservedRao(late.address)).toBe(0n);
  });
});

describe('pure accounts', () => {
  test('one is made where others compute it, used by its maker alone, and ended by itself', async () => {
    const result = await rig.send(call(api, 'proxy.createPure', 'Any', 0, 7), bob);
    // biome-ignore lint/suspicious/noExplicitAny: decoded by metadata at run time
    const { data } = result.events.find(({ event }) => event.method === 'PureCreated')!.event as any;
    const pure: string = data.pure.toString();
    const { number } = await api.rpc.chain.getHeader();
    const height = number.toNumber();
    // Label, spawner, height, place in the block, kind and index, as Substrate hashes them.
    const parts = Buffer.concat([
      Buffer.from('modlpy/proxy____'),
      Buffer.from(bob.publicKey),
      Buffer.from(Uint32Array.of(height, 1).buffer),
      Buffer.from([0, 7, 0]),
    ]);
    expect(data.pure.toU8a()).toEqual(blake2AsU8a(parts, 256));

    await rig.outcome(pay(pure, 5n * TAO), alice);
    expect(executed(await rig.send(via(pure, pay(staker.address, TAO)), bob))).toBeNull();
    expect(await rig.outcome(via(pure, pay(staker.address, TAO)), alice)).toBe('proxy.NotProxy');
    const kill = call(api, 'proxy.killPure', bob.address, 'Any', 7, height, 1);
    expect(await rig.outcome(kill, bob)).toBe('proxy.NoPermission');
    const reserved = await reservedRao(bob.address);
    expect(executed(await rig.send(via(pure, kill), bob))).toBeNull();
    expect(reserved - (await reservedRao(bob.address))).toBe(depositFor(1n));
    expect(await rig.outcome(via(pure, pay(staker.address, TAO)), bob)).toBe('proxy.NotProxy');
  });
});
