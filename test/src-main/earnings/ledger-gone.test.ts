import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Earnings, startEarnings } from '../../../src-main/earnings/earnings.ts';
import { REPLAY_BLOCKS_MAX } from '../../../src-main/earnings/limits.ts';
import type { ChainCall, Signer } from '../../../src-main/network/chain.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import { noteScanned } from '../../booked.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
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
  when,
} from '../network/rig.ts';

const TEMPO = 4;
const AFTER_BACKUP = 25;

describe('what was earned, on a real store and a chain that pays', () => {
  const { signal } = new AbortController();
  let devnet: Devnet;
  let chain: TestChain;
  let sealed = 0;

  const keys = { hotkey: minerHotkey.address, coldkey: miner.address };
  async function done(call: ChainCall, signer: Signer): Promise<void> {
    expect(await sealing(devnet, chain.submit(call, signer, signal))).toMatchObject({ kind: 'finalized' });
  }
  /** Seals until that many epochs have passed, and two blocks more, so that they are final. */
  async function sealEpochs(epochs: number): Promise<void> {
    for (let passed = 0; passed < epochs; ) {
      sealed = devnet.sealBlock();
      if ((sealed + NETUID + 1) % (TEMPO + 1) === TEMPO) passed++;
    }
    devnet.sealBlock();
    sealed = devnet.sealBlock();
    const final = sealed - 1;
    if ((chain.finalized?.number ?? 0) < final)
      await when(chain, 'finalized', ({ number }) => number >= final);
  }

  beforeAll(async () => {
    const taoReserveRao = 10n ** 12n;
    devnet = await startTestChain({
      subnets: [
        {
          netuid: NETUID,
          name: SUBNET_NAME,
          ownerColdkey: owner.address,
          ownerHotkey: ownerHotkey.address,
          taoReserveRao,
          alphaReserveRao: taoReserveRao,
          tempo: TEMPO,
        },
      ],
    });
    chain = await connect([devnet.url], signal);
    await done({ kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao: rao(10n ** 9n) }, miner);
    await done({ kind: 'startCall' }, owner);
    const stake = { hotkey: ownerHotkey.address, amountRao: rao(100n * 10n ** 9n) };
    await done(
      { kind: 'addStakeLimit', allowPartial: false, ...stake, limitPriceRao: rao(10n ** 10n) },
      owner,
    );
    sealed = chain.head?.number ?? 0;
    await sealEpochs(1);
    await done({ kind: 'setWeights', mechanism: 0, weights: [{ uid: 1, weight: 65_535 }] }, ownerHotkey);
    await sealEpochs(1);
  });
  afterAll(async () => {
    await chain.stop();
    await devnet.stop();
  });

  describe('with a ledger that is emptied', () => {
    let folder: string;
    let store: Store;
    let earnings: Earnings;
    let gaps: CodedError[];

    async function begin(): Promise<void> {
      store = await openStore({
        dataDir: folder,
        onProblem: (problem) => expect.unreachable(problem.code),
        onRecovered: () => undefined,
      });
      const ledger = store.ledger(chain.genesisHash, NETUID);
      earnings = await startEarnings({
        chain,
        ...keys,
        ledger,
        clock: { now: () => 0 },
        onGap: (gap) => gaps.push(gap),
      });
    }
    const rows = () => store.ledger(chain.genesisHash, NETUID).epochsSince(keys.hotkey, 0);
    async function booked(count: number): Promise<void> {
      while ((await rows()).length < count)
        await new Promise<void>((resolve) => {
          const off = earnings.onChange(() => {
            off();
            resolve();
          });
          void rows().then((now) => now.length >= count && resolve());
        });
    }
    async function end(): Promise<void> {
      await earnings.stop();
      await store.stop();
    }

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'butterfly-emptied-'));
      gaps = [];
      return () => rm(folder, { recursive: true, force: true });
    });

    it(`has all ${AFTER_BACKUP} rows again that came after its newest backup, each once`, async () => {
      await begin();
      await sealEpochs(3);
      await booked(3);
      await end();
      const copies = join(folder, 'backups');
      const before = await readdir(copies);
      await begin();
      await sealEpochs(AFTER_BACKUP);
      await booked(3 + AFTER_BACKUP);
      const whole = await rows();
      await end();
      for (const copy of await readdir(copies)) if (!before.includes(copy)) await rm(join(copies, copy));
      const db = new Sqlite(join(folder, 'ledger.db'));
      db.exec('DELETE FROM epoch_booking; DELETE FROM chain_snapshot');
      db.close();

      await begin();
      expect(store.notices).toMatchObject([{ code: 'LEDGER_RESTORED', params: { found: 0 } }]);
      await sealEpochs(1);
      await booked(whole.length + 1);
      expect((await rows()).slice(0, -1)).toEqual(whole);
      expect(gaps).toEqual([]);
      await end();
    });
  });

  it('from blocks that the chain no longer tells of is unknown, and told, once', async () => {
    const gaps: CodedError[] = [];
    const ledger = new MemoryLedger();
    const first = chain.finalized?.number ?? 0;
    await noteScanned(ledger, keys.hotkey, first);
    const epochs = Math.ceil(REPLAY_BLOCKS_MAX / (TEMPO + 1)) + 10;
    await sealEpochs(epochs);
    const toBlock = (chain.finalized?.number ?? 0) - REPLAY_BLOCKS_MAX - 1;
    const told = Promise.withResolvers<void>();
    const onGap = (gap: CodedError) => {
      gaps.push(gap);
      told.resolve();
    };
    const start = () => startEarnings({ chain, ...keys, ledger, clock: { now: () => 0 }, onGap });
    const earnings = await start();
    await told.promise;
    await earnings.stop();
    const again = await start();
    await again.stop();
    expect(gaps).toMatchObject([{ code: 'EARNINGS_GAP', params: { fromBlock: first + 1, toBlock } }]);
    expect(ledger.epochs.every(({ block }) => block > toBlock)).toBe(true);
  });
});
