import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstIndexBlock, nextEpochBlock, nextIndexBlock } from '../../../src-main/network/epoch-rule.ts';
import { readAllDynamicInfo } from '../../../src-main/network/reads/dynamic-info.ts';
import { readEpochClock } from '../../../src-main/network/reads/epoch-clock.ts';
import { readChainEvents } from '../../../src-main/network/reads/events.ts';
import { readHyperparameters } from '../../../src-main/network/reads/hyperparameters.ts';
import { readPrices } from '../../../src-main/network/reads/prices.ts';
import { readPruningRules } from '../../../src-main/network/reads/pruning.ts';
import {
  type Registration,
  readRegistration,
  registrationsFullUntil,
} from '../../../src-main/network/reads/registration.ts';
import { readStakes } from '../../../src-main/network/reads/stakes.ts';
import { openSession, type Session } from '../../../src-main/network/session.ts';
import { type PruningRules, pruneOrder, type Seat } from '../../../src-shared/chain/pruning.ts';
import { alphaRao, type Hex, hex, rao, ss58 } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  poor,
  SUBNET_NAME,
  sealing,
  startTestChain,
  type TestChain,
} from './rig.ts';

describe('what later screens read of a chain', () => {
  const { signal } = new AbortController();
  let devnet: Devnet;
  let chain: TestChain;
  let session: Session;
  const newest = (): Hex => chain.finalized?.hash ?? chain.genesisHash;

  beforeAll(async () => {
    devnet = await startTestChain();
    chain = await connect([devnet.url], signal);
    session = await openSession(devnet.url, signal);
    const limitRao = rao(1_000_000_000n);
    const hotkey = minerHotkey.address;
    await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    await sealing(devnet, chain.submit({ kind: 'burnedRegister', hotkey, limitRao }, miner, signal));
    const stake = { amountRao: rao(5n * 10n ** 9n), limitPriceRao: rao(10n ** 10n), allowPartial: false };
    await sealing(devnet, chain.submit({ kind: 'addStakeLimit', hotkey, ...stake }, miner, signal));
  });
  afterAll(async () => {
    session.close();
    await chain.stop();
    await devnet.stop();
  });

  it('tells the rules that its owner turns, and that there is no such subnet', async () => {
    expect(await readHyperparameters(session, NETUID, newest(), signal)).toMatchObject({
      tempo: 10,
      immunityPeriod: 100,
      weightsRateLimit: 5,
      commitReveal: false,
      isRegistrationAllowed: true,
      minBurnRao: 500_000n,
      maxBurnRao: 100_000_000_000n,
      yumaVersion: 3,
      isActive: true,
    });
    expect(await readHyperparameters(session, 999, newest(), signal)).toBeNull();
  });

  it('tells what an alpha cost at past blocks, and of those that the node has let go of nothing', async () => {
    const last = chain.finalized?.number ?? 0;
    const [before, after, gone] = await readPrices(session, NETUID, [1, last, 4_000_000], signal);
    const priceRao = await chain.alphaPrice(newest(), signal);
    expect(after).toEqual({ block: last, priceRao });
    // Five TAO were staked in between.
    expect(before?.priceRao).toBeLessThan(priceRao ?? 0n);
    expect(gone).toEqual({ block: 4_000_000, priceRao: null });
  });

  it('tells all subnets with their pools, as single reads do', async () => {
    const all = await readAllDynamicInfo(session, newest(), signal);
    const own = all.find(({ netuid }) => netuid === NETUID);
    expect(own).toMatchObject({
      name: SUBNET_NAME,
      ownerColdkey: owner.address,
      ownerHotkey: ownerHotkey.address,
    });
    expect(own?.taoIn).toBeGreaterThan(10n ** 12n);
    expect(own?.alphaOut).toBeGreaterThan(0n);
    expect(all.map(({ netuid }) => netuid)).toEqual(
      [...all.map(({ netuid }) => netuid)].sort((a, b) => a - b),
    );
  });

  it('tells all that a coldkey holds, to the rao', async () => {
    const stakes = await readStakes(session, miner.address, newest(), signal);
    expect(stakes).toEqual([
      {
        netuid: NETUID,
        hotkey: minerHotkey.address,
        stakeAlpha: await chain.stake(minerHotkey.address, miner.address, newest(), signal),
        isRegistered: true,
      },
    ]);
    expect(stakes[0]?.stakeAlpha).toBeGreaterThan(0n);
    expect(await readStakes(session, poor.address, newest(), signal)).toEqual([]);
  });

  it('tells what a place costs and how many the interval has taken', async () => {
    const { burnRao } = await chain.subnet(newest(), signal);
    expect(await readRegistration(session, NETUID, newest(), signal)).toMatchObject({
      burnRao,
      minBurnRao: 500_000n,
      maxBurnRao: 100_000_000_000n,
      isAllowed: true,
      halfLifeBlocks: null,
      interval: { blocks: 100, target: 64, maxPerBlock: 64, registered: 1 },
    });
  });

  it('tells by which rules it prunes', async () => {
    expect(await readPruningRules(session, NETUID, newest(), signal)).toEqual({
      immunityPeriod: 100,
      minNonImmuneUids: 10,
      immuneOwnerUids: 1,
      ownerColdkey: owner.address,
      ownerHotkey: ownerHotkey.address,
    });
  });

  it('tells when its next epoch is, and what the chain did in it', async () => {
    const { number = 0 } = chain.finalized ?? {};
    const clock = await readEpochClock(session, NETUID, newest(), signal);
    expect(clock).toMatchObject({ tempo: 10, lastEpochBlock: null, pendingEpochAt: null });
    const due = nextEpochBlock(number, clock) ?? 0;
    while (devnet.sealBlock() <= due);
    const at = async (block: number) =>
      readChainEvents(session, await chain.blockHash(block, signal), signal);
    const names = (events: Awaited<ReturnType<typeof at>>) => events?.map(({ name }) => name) ?? [];
    expect(names(await at(due))).toContain('SubtensorModule.IncentiveAlphaEmittedToMiners');
    expect(names(await at(due - 1))).not.toContain('SubtensorModule.IncentiveAlphaEmittedToMiners');
    expect(await readChainEvents(session, hex(await chain.blockHash(due, signal)), signal)).toContainEqual(
      expect.objectContaining({ data: expect.arrayContaining([NETUID]) }),
    );
  });
});

describe('the epoch rules', () => {
  const newer = { netuid: 38, tempo: 360, lastEpochBlock: 1_000 };
  it.each([
    ['older', 100, { netuid: 38, tempo: 360, lastEpochBlock: null }, 321],
    ['older, right after one', 321, { netuid: 38, tempo: 360, lastEpochBlock: null }, 682],
    ['newer', 1_100, newer, 1_360],
    ['newer, put off by a block', 1_360, newer, 1_361],
    ['called by the owner', 1_100, { ...newer, pendingEpochAt: 1_150 }, 1_150],
    ['overdue', 60_000, { ...newer, tempo: 100_000, blocksSinceLastStep: 50_390 }, 60_011],
    ['no tempo', 1_100, { ...newer, tempo: 0 }, null],
  ])('%s', (_what, block, clock, next) => {
    expect(nextEpochBlock(block, clock)).toBe(next);
  });

  // What Subtensor's own text gives as first epoch blocks by tempo and netuid.
  it.each([
    [1, 0, 0],
    [1, 1, 1],
    [2, 0, 1],
    [2, 1, 0],
    [100, 0, 99],
    [100, 1, 98],
  ])('older: tempo %i, netuid %i begin with block %i', (tempo, netuid, first) => {
    expect(nextEpochBlock(-1, { netuid, tempo, lastEpochBlock: null })).toBe(first);
  });

  it.each([
    ['older', 320, null, 322],
    ['older, in the block of the epoch', 321, null, 322],
    ['older, behind it', 322, null, 683],
    ['newer', 1_100, 1_000, 1_360],
  ])('commits wait for another epoch: %s', (_what, block, lastEpochBlock, next) => {
    expect(nextIndexBlock(block, { netuid: 38, tempo: 360, lastEpochBlock })).toBe(next);
  });

  it.each([
    ['older', 100, { ...newer, lastEpochBlock: null }, 322 - 361],
    ['newer', 1_100, newer, 1_000],
    ['called by the owner', 1_100, { ...newer, pendingEpochAt: 1_150 }, 1_000],
    ['put off by a block', 1_360, { ...newer, pendingEpochAt: 1_361 }, 1_000],
  ])('commits wait for the same epoch: %s', (_what, block, clock, first) => {
    expect(firstIndexBlock(nextIndexBlock(block, clock) ?? 0, clock)).toBe(first);
  });
});

describe('registrations', () => {
  const open: Registration = {
    ...{ burnRao: rao(1n), minBurnRao: rao(1n), maxBurnRao: rao(9n), isAllowed: true, halfLifeBlocks: null },
    interval: {
      blocks: 100,
      lastAdjustedAt: 500,
      target: 2,
      registered: 5,
      registeredThisBlock: 0,
      maxPerBlock: 1,
    },
  };
  const of = (change: object) => ({ ...open, interval: open.interval && { ...open.interval, ...change } });
  it.each([
    ['room', open, null],
    ['three times the target', of({ registered: 6 }), 600],
    ['an interval that should be over', of({ registered: 6, lastAdjustedAt: 400 }), 551],
    ['one in this block', of({ registeredThisBlock: 1 }), 551],
    ['a chain that counts none', { ...open, interval: null }, null],
  ])('with %s', (_what, registration, until) => {
    expect(registrationsFullUntil(registration, 550)).toBe(until);
  });
});

describe('the pruning order', () => {
  const seat = (uid: number, registeredAt: number, emission: bigint, coldkey = 'any'): Seat => ({
    ...{ uid, registeredAt, hotkey: ss58(`hotkey ${uid}`), coldkey: ss58(coldkey) },
    emissionAlpha: alphaRao(emission),
  });
  const rules: PruningRules = {
    ...{ immunityPeriod: 100, minNonImmuneUids: 1, immuneOwnerUids: 1 },
    ...{ ownerColdkey: ss58('owner'), ownerHotkey: ss58('hotkey 0') },
  };
  const NOW = 1_000;

  it('is by emission, then age, then uid; the immune come last', () => {
    const seats = [
      seat(0, 0, 0n, 'owner'),
      seat(1, 10, 5n),
      seat(2, 9, 5n),
      seat(3, 9, 5n),
      seat(4, 950, 0n),
      seat(5, 901, 9n),
    ];
    expect(pruneOrder(seats, rules, NOW)).toEqual([2, 3, 4, 5]);
    expect(pruneOrder(seats, { ...rules, minNonImmuneUids: 0 }, NOW)).toEqual([2, 3, 1, 4, 5]);
  });

  it('takes the immune where no more than the least number are past immunity', () => {
    const seats = [seat(1, 10, 0n), seat(2, 950, 7n), seat(3, 960, 6n)];
    expect(pruneOrder(seats, rules, NOW)).toEqual([3, 2]);
  });

  it('ends immunity with the block in which the period is over', () => {
    const seats = [seat(1, 900, 1n), seat(2, 901, 0n), seat(3, 0, 2n)];
    expect(pruneOrder(seats, rules, NOW)).toEqual([1, 2]);
  });

  it('spares the owner: its hotkey first, then the earliest of its coldkey, as many as the rule says', () => {
    const seats = [seat(0, 500, 0n), seat(1, 10, 0n, 'owner'), seat(2, 5, 0n, 'owner'), seat(3, 20, 0n)];
    const none = { ...rules, minNonImmuneUids: 0 };
    expect(pruneOrder(seats, none, NOW)).toEqual([2, 1, 3]);
    expect(pruneOrder(seats, { ...none, immuneOwnerUids: 2 }, NOW)).toEqual([1, 3]);
    expect(pruneOrder(seats, { ...none, immuneOwnerUids: 0 }, NOW)).toEqual([2, 1, 3, 0]);
    expect(pruneOrder(seats, { ...none, ownerHotkey: ss58('nobody') }, NOW)).toEqual([1, 3, 0]);
  });
});
