import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAtSubnet, type Subject } from '../../../src-main/economy/look.ts';
import { recordSubnet } from '../../../src-main/economy/record.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import type { SubnetStore } from '../../../src-main/store/subnet-store.ts';
import { alphaRao, type Rao, rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  SUBNET_NAME,
  sealing,
  startTestChain,
  type TestChain,
  testSubnet,
} from '../network/rig.ts';

const TAO = 10n ** 9n;
const TEMPO = 10;

describe('a subnet that is looked at', () => {
  const { signal } = new AbortController();
  const logged: string[] = [];
  let folder: string;
  let devnet: Devnet;
  let chain: TestChain;
  let store: Store;
  let kept: SubnetStore;
  let endRecord: () => void;

  const subject: Subject = {
    hotkey: minerHotkey.address,
    coldkey: miner.address,
    expected: { name: SUBNET_NAME, ownerColdkey: null },
    lastUid: null,
    mark: null,
  };
  const stake = (amountRao: Rao) =>
    sealing(
      devnet,
      chain.submit(
        {
          ...{ kind: 'addStakeLimit', hotkey: minerHotkey.address, amountRao },
          ...{ limitPriceRao: rao(1_000n * TAO), allowPartial: false },
        } as const,
        miner,
        signal,
      ),
    );
  /** Seals until the watcher has read that block. */
  const readTo = (block: number) =>
    sealing(
      devnet,
      new Promise<void>((resolve) => {
        const look = () => (chain.snapshot?.block.number ?? 0) >= block && resolve();
        chain.on('snapshot', look);
        look();
      }),
    );
  const newest = () => chain.snapshot?.block.number ?? 0;
  const look = (more: Partial<Subject> = {}) =>
    lookAtSubnet(chain, kept, Date.now).at({ ...subject, ...more }, signal);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-economy-'));
    devnet = await startTestChain({ subnets: [{ ...testSubnet, tempo: TEMPO }] });
    chain = await connect([devnet.url], signal);
    store = await openStore({
      dataDir: folder,
      onProblem: (problem) => logged.push(String(problem)),
      onRecovered: () => undefined,
    });
    kept = store.subnet(chain.genesisHash, NETUID);
    await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    const limitRao = rao(TAO);
    const register = { kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao } as const;
    await sealing(devnet, chain.submit(register, miner, signal));
    await stake(rao(50n * TAO));
    await readTo(newest() + TEMPO);
    await stake(rao(150n * TAO));
    await readTo(newest() + TEMPO);
    endRecord = recordSubnet({
      chain,
      store: kept,
      add: store.add,
      log: (line) => logged.push(line),
      nowMs: Date.now,
    });
    await readTo(newest() + 3 * TEMPO + 3);
  });
  afterAll(async () => {
    endRecord();
    await store.stop();
    await chain.stop();
    await devnet.stop();
    await rm(folder, { recursive: true });
    expect(logged).toEqual([]);
  });

  it('tells who it is, what its rules are and who is there', async () => {
    const view = await look();
    expect(view).toMatchObject({
      netuid: NETUID,
      identity: {
        name: SUBNET_NAME,
        ownerColdkey: owner.address,
        ownerHotkey: ownerHotkey.address,
        foreign: null,
      },
      rules: { tempo: TEMPO, maxUids: 256 },
      place: { hotkey: minerHotkey.address, coldkey: miner.address, lost: null },
      mark: null,
    });
    expect(view.identity.ownerSeenSince).toBeGreaterThan(0);
    expect(view.neurons.map(({ hotkey }) => hotkey)).toContain(minerHotkey.address);
    expect(view.place?.uid).toBe(view.neurons.find(({ hotkey }) => hotkey === minerHotkey.address)?.uid);
    expect(view.pruneOrder).toContain(view.place?.uid);
    expect(view.blockMs).toBe(1_000);
  });

  it('tells the market in the state of one block', async () => {
    const { market, registration } = await look();
    expect(market.priceRao).toBeGreaterThan(0n);
    expect(market.sale?.receivedRao).toBeGreaterThan(0n);
    expect(registration).toMatchObject({ isAllowed: true });
    expect(registration?.lowestRao).toBeGreaterThan(0n);
    expect(registration?.lowestRao).toBeLessThanOrEqual(registration?.maxRao ?? 0n);
  });

  it('keeps a point an epoch, and asks for the prices of before', async () => {
    const { history } = await look();
    const full = history.filter(({ volumeRao }) => volumeRao !== null);
    expect(full.length).toBeGreaterThanOrEqual(3);
    const gaps = full.slice(1).map(({ block }, i) => block - (full[i]?.block ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(TEMPO + 2);
    expect(history.some(({ volumeRao, priceRao }) => volumeRao === null && priceRao !== null)).toBe(true);
    expect(history.map(({ block }) => block)).toEqual(
      history.map(({ block }) => block).toSorted((a, b) => a - b),
    );
  });

  it('tells what lending to a validator returned, by epochs seen', async () => {
    const { lending } = await look();
    const best = lending[0];
    // Three since it is watched, and some of before.
    expect(best?.epochs).toBeGreaterThan(4);
    expect(best?.uptime).toBeGreaterThan(0);
    expect(best?.apr).toBeGreaterThan(0);
    // Blocks of a second and epochs of ten: a year of that is no number.
    expect(best?.apy).toBeNull();
    expect(best?.take).toBeCloseTo(0.18, 3);
  });

  it('tells a stake move of half a per cent and more, and no epoch as one', async () => {
    // One is of before anybody watched: its block's state was still there.
    const [before, ...more] = (await look()).moves;
    expect(before).toMatchObject({ hotkey: minerHotkey.address, coldkey: miner.address });
    expect(before?.alpha).toBeGreaterThan(75n * TAO);
    expect(more).toEqual([]);
    await stake(rao(200n * TAO));
    await readTo(newest() + 2);
    const { moves } = await look();
    expect(moves).toHaveLength(2);
    expect(moves[0]).toMatchObject({ hotkey: minerHotkey.address, coldkey: miner.address });
    expect(moves[0]?.alpha).toBeGreaterThan(100n * TAO);
  });

  it('says that it is not what was joined, and shows what is there', async () => {
    const view = await look({ expected: { name: 'Something else', ownerColdkey: null } });
    expect(view.identity.foreign).toMatchObject({ code: 'CHAIN_IDENTITY_MISMATCH' });
    expect(view.identity.name).toBe(SUBNET_NAME);
  });

  it('tells who has a place that was lost', async () => {
    const [holder] = (await look()).neurons;
    const { place } = await look({ hotkey: owner.address, coldkey: null, lastUid: 0 });
    expect(place).toMatchObject({
      uid: null,
      coldkey: null,
      lost: { uid: 0, holder: holder?.hotkey, block: holder?.registeredAt },
    });
    const gone = await look({ hotkey: owner.address, lastUid: 4_000 });
    expect(gone.place?.lost).toEqual({ uid: 4_000, holder: null, block: null });
  });

  it('has the stakes of all neurons in the state that its block names', async () => {
    const view = await look();
    const own = view.neurons.find(({ hotkey }) => hotkey === minerHotkey.address);
    const at = await chain.blockHash(view.block, signal);
    const held = await chain.stake(minerHotkey.address, miner.address, at, signal);
    // The chain's call cuts a share; the total of the hotkey does not.
    expect((own?.stakeAlpha ?? 0n) - held).toBeLessThanOrEqual(alphaRao(2n));
  });
});
