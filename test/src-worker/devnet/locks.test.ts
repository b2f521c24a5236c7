import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNetworks } from '../../../src-main/network/networks.ts';
import { quoteOrder } from '../../../src-main/wallet/quotes/quote.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { alphaRao, ss58 } from '../../../src-shared/units.ts';
import {
  alice,
  bob,
  call,
  eventNames,
  key,
  NETUID,
  openRig,
  options,
  owner,
  ownerHotkey,
  query,
  type Rig,
  runtimeApi,
  TAO,
} from './rig.ts';

const miner = key('miner');
const UNLOCK_RATE = 934_866;

/** One chain for all; the tests run in order. */
let rig: Rig;
let api: Rig['api'];
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const neurons = [{ hotkey: miner.address, coldkey: alice.address, stakeAlpha: 100n * TAO }];
  // Epochs pay into the stake: none comes while this is looked at.
  const chosen = options({ specVersion: 425 }, { neurons, tempo: 5_000 });
  rig = await openRig(chosen, (end) => ends.push(async () => end({} as never)));
  ({ api } = rig);
  expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner)).toBeNull();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

const availability = async () => {
  const api425 = 'stakeInfoRuntimeApi.getStakeAvailabilityForColdkeys';
  const found = (await runtimeApi(api, api425, [alice.address], [NETUID])).toJSON();
  return found[alice.address]?.[NETUID];
};
const lock = (hotkey: string, amount: bigint) =>
  rig.outcome(call(api, 'subtensorModule.lockStake', hotkey, NETUID, amount), alice);

describe('stake that is locked', () => {
  test('is bound to one hotkey, and is never more than is there', async () => {
    expect(await lock(miner.address, 0n)).toBe('subtensorModule.AmountTooLow');
    expect(await lock(miner.address, 101n * TAO)).toBe('subtensorModule.InsufficientStakeForLock');
    expect(await lock(bob.address, TAO)).toBe('subtensorModule.HotKeyAccountNotExists');
    const locked = await rig.send(
      call(api, 'subtensorModule.lockStake', miner.address, NETUID, 60n * TAO),
      alice,
    );
    expect(eventNames(locked)).toContain('subtensorModule.StakeLocked');
    expect(await lock(ownerHotkey.address, TAO)).toBe('subtensorModule.LockHotkeyMismatch');
    expect(await availability()).toEqual({
      total: Number(100n * TAO),
      locked: expect.closeTo(60e9, -6),
      available: expect.closeTo(40e9, -6),
    });
  });

  test('melts by 1/e in so many blocks as the chain says, unless it is for ever', async () => {
    const locked = async () => (await availability()).locked;
    const [before, { number: from }] = [await locked(), await api.rpc.chain.getHeader()];
    await rig.seal(20);
    const blocks = (await api.rpc.chain.getHeader()).number.toNumber() - from.toNumber();
    expect((await locked()) / before).toBeCloseTo(Math.exp(-blocks / UNLOCK_RATE), 9);
    const perpetual = (enabled: boolean) =>
      rig.outcome(call(api, 'subtensorModule.setPerpetualLock', NETUID, enabled), alice);
    expect(await perpetual(true)).toBeNull();
    const held = await locked();
    await rig.seal(20);
    expect(await locked()).toBe(held);
    expect(await perpetual(false)).toBeNull();
    await rig.seal(1);
    expect(await locked()).toBeLessThan(held);
    expect((await query(api, 'subtensorModule.decayingLock', alice.address, NETUID)).isNone).toBe(true);
  });

  test('does not leave its coldkey, and may be moved where it stays within both', async () => {
    const out = call(api, 'subtensorModule.removeStake', miner.address, NETUID, 45n * TAO);
    expect(await rig.outcome(out, alice)).toBe('subtensorModule.StakeUnavailable');
    const to = [bob.address, miner.address, NETUID, NETUID, 45n * TAO] as const;
    const given = call(api, 'subtensorModule.transferStake', ...to);
    expect(await rig.outcome(given, alice)).toBe('subtensorModule.StakeUnavailable');
    const within = [miner.address, ownerHotkey.address, NETUID, NETUID, 45n * TAO] as const;
    expect(await rig.outcome(call(api, 'subtensorModule.moveStake', ...within), alice)).toBeNull();
    const back = [ownerHotkey.address, miner.address, NETUID, NETUID, 45n * TAO] as const;
    expect(await rig.outcome(call(api, 'subtensorModule.moveStake', ...back), alice)).toBeNull();
  });

  test('is left out where a person wants all of it, and what is more is told before anything is signed', async () => {
    const { signal } = new AbortController();
    const networks = openNetworks(() => undefined);
    ends.push(() => networks.stop());
    const { network } = await networks.open({ name: 'ours', endpoints: [rig.devnet.url] }, signal);
    const account = { network: 'ours', coldkey: ss58(alice.address) };
    const quoteOf = (intent: Intent) => {
      const shown = { name: 'ours', mark: null, genesis: network.genesisHash, isReal: false };
      const beside = { id: 'q', expected: null, earlier: [], known: [], holderFault: null };
      return quoteOrder({ account, intent }, { network, shown, ...beside }, signal);
    };
    const place = { netuid: NETUID, hotkey: ss58(miner.address) };
    const quote = (amountAlpha: Extract<Intent, { kind: 'unstake' }>['amountAlpha']) =>
      quoteOf({ kind: 'unstake', ...place, amountAlpha, toleranceBps: 500 });
    // To another hotkey all of it goes, and the chain takes that: the test before this one has moved what was locked.
    const toHotkey = ss58(ownerHotkey.address);
    const move = { kind: 'moveStake', netuid: NETUID, fromHotkey: place.hotkey, toHotkey } as const;
    const moved = await quoteOf({ ...move, amountAlpha: 'all' });
    expect(moved.quote).toMatchObject({ problem: null, terms: { alpha: 100n * TAO, leftAlpha: 0n } });
    const gift = { kind: 'transferStake', ...place, toColdkey: ss58(bob.address) } as const;
    const given = await quoteOf({ ...gift, amountAlpha: alphaRao(45n * TAO) });
    expect(given.quote.problem?.code).toBe('STAKE_LOCKED');
    const all = await quote('all');
    const { terms } = all.quote;
    if (terms?.kind !== 'unstake') throw new Error('no quote');
    expect(terms.giveAlpha).toBe(BigInt((await availability()).available));
    expect(terms.leftAlpha).toBe(100n * TAO - terms.giveAlpha);
    expect(all.quote.problem).toBeNull();
    expect(all.weighed.call).toMatchObject({ kind: 'removeStakeLimit', amountAlpha: terms.giveAlpha });
    const tooMuch = await quote((terms.giveAlpha + TAO) as typeof terms.giveAlpha);
    expect(tooMuch.quote.problem?.code).toBe('STAKE_LOCKED');
    // The chain takes what was quoted, and nothing is free then.
    const out = call(api, 'subtensorModule.removeStake', miner.address, NETUID, terms.giveAlpha);
    expect(await rig.outcome(out, alice)).toBeNull();
    const rest = call(api, 'subtensorModule.removeStake', miner.address, NETUID, TAO);
    expect(await rig.outcome(rest, alice)).toBe('subtensorModule.StakeUnavailable');
    const portfolio = await network.portfolio(account.coldkey, [], network.money.newest().hash, signal);
    const [stake] = portfolio.positions;
    expect(stake?.availableAlpha).toBeLessThan(TAO / 1_000n);
    expect(stake?.stakeAlpha).toBeGreaterThan(59n * TAO);
  });
});
