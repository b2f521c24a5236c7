import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runs } from '../../src-main/runs/runs.ts';
import { openValidationDesk } from '../../src-main/validation-desk.ts';
import { rankCorrelation } from '../../src-shared/scoring/rank-correlation.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Devnet } from '../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  minerHotkey,
  sealing,
  startTestChain,
  type TestChain,
  testSigner,
  testSubnet,
} from './network/rig.ts';

const TAO = 10n ** 9n;
const { signal } = new AbortController();
const mine = testSigner('//validating-here');
const other = testSigner('//validating-there');
const workers = ['//works-1', '//works-2', '//works-3'].map((uri) => testSigner(uri).address);

const seated = (hotkey: Ss58, stakeAlpha: bigint) => ({
  ...{ hotkey, coldkey: miner.address, stakeAlpha, validatorPermit: stakeAlpha > 0n },
});

let devnet: Devnet;
let chain: TestChain;

async function open(over: { readonly commitReveal?: boolean } = {}): Promise<void> {
  const neurons = [
    seated(mine.address, 400n * TAO),
    seated(other.address, 900n * TAO),
    ...workers.map((one) => seated(one, 0n)),
  ];
  devnet = await startTestChain({ subnets: [{ ...testSubnet, tempo: 20, neurons, ...over }] });
  chain = await connect([devnet.url], signal);
}

afterEach(async () => {
  await chain.stop();
  await devnet.stop();
});

/** Uids of the chain: its owner has 0. */
const uidOf = async (hotkey: Ss58) =>
  (await chain.metagraph(null, signal)).find((one) => one.hotkey === hotkey)?.uid ?? -1;

/** A run of that role; a miner reads the scores of the validator `mine`. */
async function deskOf(role: 'miner' | 'validator', shares: readonly number[] = [0.5, 0.3, 0.2]) {
  const all = await Promise.all(
    workers.map(async (hotkey, i) => ({ hotkey, uid: await uidOf(hotkey), weightShare: shares[i] })),
  );
  const hotkey = role === 'validator' ? mine.address : minerHotkey.address;
  const run = { chain, hotkey, config: { role }, scores: { validator: mine.address, all }, storeId: 7 };
  const body = { run: { ...run, rounds: { witnesses: [other.address] } } };
  const lastChecks = async (id: number, rounds: number) =>
    rounds > 0 ? [{ hotkey: workers[0] as Ss58, round: id, atMs: 1 }] : [];
  const runs = { get: () => ({ body }) } as unknown as Runs;
  return openValidationDesk({ runs, store: { lastChecks }, nowMs: Date.now, signal });
}

const setBy = async (signer: typeof mine, weights: readonly number[]) => {
  const rows = await Promise.all(
    workers.map(async (hotkey, i) => ({ uid: await uidOf(hotkey), weight: weights[i] ?? 0 })),
  );
  const call = { kind: 'setWeights', mechanism: 0, weights: rows } as const;
  return sealing(devnet, chain.submit(call, signer, signal));
};

describe('a validator as its chain sees it', () => {
  beforeEach(() => open());

  it('tells its seat, its clock, and how others order the same uids', async () => {
    const fate = await setBy(other, [10, 65_535, 30]);
    expect(fate).toMatchObject({ kind: 'finalized' });
    const view = await (await deskOf('validator')).look(mine.address);
    expect(view).toMatchObject({ validator: mine.address, isHidden: false });
    // The subnet's owner may have come by a permit meanwhile, with its share of what is paid.
    expect(view?.seat).toMatchObject({ hasPermit: true, places: 64, gapAlpha: 0n, stakeAlpha: 400n * TAO });
    expect(view?.seat?.permits).toBeGreaterThanOrEqual(2);
    expect(view?.others).toMatchObject([{ hotkey: other.address, stakeAlpha: 900n * TAO }]);
    expect(view?.others?.[0]?.agreement).toBe(rankCorrelation([0.5, 0.3, 0.2], [10, 65_535, 30]));
    const own = view?.neurons.find(({ hotkey }) => hotkey === mine.address);
    expect(own).toMatchObject({ incentive: 0 });
    const { clock } = view ?? {};
    expect(clock).toMatchObject({ how: 'open', block: view?.block, lastUpdate: null });
    // By the chain's own rule an epoch ends within a tempo and a block.
    const left = (clock?.nextEpochBlock ?? 0) - (view?.block ?? 0);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(21);
    expect(view?.checks).toEqual([{ hotkey: workers[0], round: 7, atMs: 1 }]);
  });

  it('shows a miner the validator that it reads, and says that its checks are not told', async () => {
    await setBy(mine, [3, 2, 1]);
    const view = await (await deskOf('miner')).look(minerHotkey.address);
    expect(view).toMatchObject({ validator: mine.address, checks: null, others: [] });
    expect(view?.clock?.lastUpdate).toBeGreaterThan(0);
    expect(view?.seat?.uid).toBe(await uidOf(mine.address));
  });

  it('says nothing of a run that is only starting, and that has heard of no validator', async () => {
    const runs = (body: unknown) => ({ get: () => ({ body }) }) as unknown as Runs;
    const store = { lastChecks: async () => [] };
    const starting = openValidationDesk({ runs: runs(null), store, nowMs: Date.now, signal });
    expect(await starting.look(mine.address)).toBeNull();
    const run = {
      chain,
      hotkey: mine.address,
      config: { role: 'miner' },
      scores: null,
      rounds: { witnesses: [] },
    };
    const alone = openValidationDesk({ runs: runs({ run }), store, nowMs: Date.now, signal });
    expect(await alone.look(mine.address)).toBeNull();
  });
});

describe('a validator whose weights are hidden first', () => {
  beforeEach(() => open({ commitReveal: true }));

  it('is told until when they are, and what waits', async () => {
    const view = await (await deskOf('validator')).look(mine.address);
    const { clock } = view ?? {};
    if (clock?.how !== 'timelocked') throw new Error(`weights are ${clock?.how}`);
    expect(clock.pending).toEqual([]);
    expect(clock.revealBlock).toBeGreaterThanOrEqual(clock.nextEpochBlock ?? Number.POSITIVE_INFINITY);
    expect(view).toMatchObject({ isHidden: true, others: [] });
  });
});
