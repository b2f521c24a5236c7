import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { weekReturns } from '../../src-main/economy/week-returns.ts';
import type { ConnectedChain } from '../../src-main/network/client.ts';
import { type NetworkShare, type Networks, openNetworks } from '../../src-main/network/networks.ts';
import type { EpochReturnRow } from '../../src-main/store/rows.ts';
import type { Store } from '../../src-main/store/store.ts';
import { lookAtValidators } from '../../src-main/validators-desk.ts';
import { VALIDATORS_SHOWN } from '../../src-shared/contract/page/validators.ts';
import { alphaRao, type Ss58, ss58 } from '../../src-shared/units.ts';
import type { Devnet } from '../../src-worker/devnet/start.ts';
import {
  EXPECTED,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  SUBNET_NAME,
  sealing,
  startTestChain,
  testSigner,
  testSubnet,
  when,
} from './network/rig.ts';

const TAO = 10n ** 9n;
const BLOCK_MS = 12_000;
const { signal } = new AbortController();
const validator = testSigner('//validator').address;
const stranger = testSigner('//stranger').address;
const other = { ...testSubnet, netuid: 64, name: 'Elsewhere' };

/** What this computer has seen of epochs: nothing yet. */
const noted: EpochReturnRow[] = [];
const store = {
  subnet: () => ({ chain: 'ours/38', returns: async () => [] }),
  add: (_table: string, row: EpochReturnRow) => void noted.push(row),
} as unknown as Pick<Store, 'subnet' | 'add'>;

describe('whom stake can go to', () => {
  let devnet: Devnet;
  let networks: Networks;
  let share: NetworkShare;
  let chain: ConnectedChain;
  const paidAt = async (block: number): Promise<bigint> => {
    const hash = await chain.blockHash(block, signal);
    return (await chain.economy.dividends([validator], hash, signal))[0]?.dividends ?? 0n;
  };
  const look = (netuid: number, also: readonly Ss58[] = []) =>
    lookAtValidators({ networks, store }, { network: 'ours', netuid, also }, signal);

  beforeAll(async () => {
    const seat = { hotkey: validator, coldkey: miner.address, stakeAlpha: 1_000n * TAO };
    const neurons = [
      { ...seat, validatorPermit: true },
      { hotkey: minerHotkey.address, coldkey: miner.address },
    ];
    devnet = await startTestChain({ subnets: [{ ...testSubnet, tempo: 10, neurons }, other] });
    networks = openNetworks(() => undefined);
    share = await networks.open({ name: 'ours', endpoints: [devnet.url] }, signal);
    chain = await share.subnet(NETUID, EXPECTED, signal);
    await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    let epoch = devnet.sealBlock();
    while ((await paidAt(epoch)) === 0n) epoch = devnet.sealBlock();
    // Final is the block before the newest.
    const isFinal = when(chain, 'finalized', ({ number }) => number === epoch);
    devnet.sealBlock();
    await isFinal;
  });
  afterAll(async () => {
    await networks.stop();
    await devnet.stop();
  });

  it('names validators with stake, take, and what one alpha grew by since the chain began', async () => {
    const { rows, ...view } = await look(NETUID);
    expect(view).toEqual({ netuid: NETUID, subnetName: SUBNET_NAME, block: share.network.finalized?.number });
    expect(rows.map(({ hotkey, uid }) => [hotkey, uid])).toEqual([[validator, 1]]);
    const growth = Number(await paidAt(view.block)) / Number(1_000n * TAO);
    expect(growth).toBeGreaterThan(0);
    expect(rows[0]?.stakeAlpha).toBeGreaterThan(1_000n * TAO);
    expect(rows[0]?.take).toBeCloseTo(0.18, 3);
    expect(rows[0]?.week).toMatchObject({ kind: 'known', spanMs: (view.block - 1) * 1_000 });
    expect(rows[0]?.week).toHaveProperty('growth', expect.closeTo(growth, 9));
    const paid = await paidAt(view.block);
    expect(noted.find(({ hotkey }) => hotkey === validator)).toMatchObject({
      ...{ chain: 'ours/38', block: view.block, dividends: paid, stake: rows[0]?.stakeAlpha },
    });
  });

  it('tells of hotkeys on which there is stake of one’s own whatever they do, and where they have no place', async () => {
    const { rows } = await look(NETUID, [minerHotkey.address, stranger]);
    expect(rows.map(({ hotkey, uid, isValidator }) => [hotkey, uid, isValidator])).toEqual([
      [validator, 1, true],
      [minerHotkey.address, 2, false],
      [stranger, null, false],
    ]);
    expect(rows[2]).toMatchObject({ stakeAlpha: 0n, week: { kind: 'unknown', why: 'not-kept' } });
  });

  it('looks at a subnet that no run works on, and at root, whose stake does not grow', async () => {
    expect(await look(other.netuid)).toMatchObject({ subnetName: 'Elsewhere', rows: [] });
    const root = await look(0, [ownerHotkey.address]);
    expect(root.rows.map(({ week }) => week)).toContainEqual({ kind: 'unknown', why: 'root' });
    await expect(look(7)).rejects.toMatchObject({ code: 'SUBNET_ABSENT' });
  });
});

describe('of more validators than are shown, and of an epoch of long ago', () => {
  const small = ss58('5small');
  const row = (hotkey: Ss58, stakeAlpha: bigint) => ({
    ...{ hotkey, uid: null, isValidator: true, stakeAlpha: alphaRao(stakeAlpha), take: null },
    lastEpoch: { dividends: alphaRao(10n), stakeAlpha: alphaRao(110n) },
  });
  const many = Array.from({ length: VALIDATORS_SHOWN + 1 }, (_, i) => row(ss58(`5other${i}`), 1_000n));
  const all = new Map([
    [
      'ours',
      {
        ...{ finalized: { number: 100_000, hash: '0x00' }, endpoint: 'ws://here', genesisHash: '0x01' },
        validators: async () => ({
          ...{ isThere: true, name: null, tempo: 360, epochBlock: 40_000 },
          rows: [...many, row(small, 1n)],
        }),
        blockHash: async (block: number) => `${block}`,
        blockTimeMs: async (hash: string) => (hash === '0x00' ? 100_000 : Number(hash)) * BLOCK_MS,
        shareWorths: async () => null,
      },
    ],
  ]) as unknown as Networks['all'];
  const look = (also: readonly Ss58[]) =>
    lookAtValidators({ networks: { all }, store }, { network: 'ours', netuid: NETUID, also }, signal);

  it('those with the most stake are told of, and the one on which there is stake of one’s own', async () => {
    expect((await look([])).rows).toHaveLength(VALIDATORS_SHOWN);
    expect((await look([small])).rows.map(({ hotkey }) => hotkey).slice(-1)).toEqual([small]);
  });

  it('that epoch is kept by when it was, and its week is not this one', async () => {
    noted.length = 0;
    const before = Date.now();
    const { rows } = await look([]);
    expect(rows[0]?.week).toEqual({ kind: 'unknown', why: 'not-kept' });
    const passed = 60_000 * BLOCK_MS;
    expect(noted[0]?.atMs).toBeGreaterThanOrEqual(before - passed);
    expect(noted[0]?.atMs).toBeLessThanOrEqual(Date.now() - passed);
  });
});

describe('what one alpha grew by in a week', () => {
  const epoch = (dividends: bigint, stake: bigint) =>
    ({
      ...{ hotkey: validator, block: 59_000 },
      ...{ dividends: alphaRao(dividends), stake: alphaRao(stake) },
    }) as EpochReturnRow;
  const asked = (
    worth: (block: number) => number | null,
    rows: readonly EpochReturnRow[] = [],
    newest: readonly EpochReturnRow[] = [],
  ) =>
    weekReturns(
      {
        network: {
          shareWorths: async (_netuid, _hotkeys, block) => {
            const found = worth(block);
            return found === null ? null : new Map([[validator, found]]);
          },
        },
        store: { returns: async () => rows },
        ...{ netuid: NETUID, hotkeys: [validator], block: 60_000, tempo: 360, blockMs: BLOCK_MS, nowMs: 0 },
        newest,
      },
      signal,
    ).then((weekOf) => weekOf(validator));

  it('is asked of the chain seven days back', async () => {
    const week = await asked((block) => (block === 60_000 ? 1.5 : block === 9_600 ? 1.2 : null));
    expect(week).toEqual({ kind: 'known', growth: expect.closeTo(0.25), spanMs: 7 * 86_400_000 });
  });

  it('is what the epochs that were seen paid where the node has let go of that state', async () => {
    const rows = [epoch(10n, 110n), epoch(0n, 110n), epoch(11n, 121n)];
    const week = await asked((block) => (block === 60_000 ? 1.5 : null), rows);
    expect(week).toEqual({ kind: 'known', growth: expect.closeTo(0.21), spanMs: 3 * 360 * BLOCK_MS });
  });

  it('counts the last epoch once, which any node still tells', async () => {
    const last = epoch(10n, 110n);
    const known = { kind: 'known', growth: expect.closeTo(0.1), spanMs: 360 * BLOCK_MS };
    expect(await asked(() => null, [], [last])).toEqual(known);
    expect(await asked(() => null, [last], [last])).toEqual(known);
  });

  it('counts no epoch of another week, whenever it was seen', async () => {
    const old = { ...epoch(10n, 110n), block: 9_600 };
    const unknown = { kind: 'unknown', why: 'not-kept' };
    expect(await asked(() => null, [], [old])).toEqual(unknown);
    expect(await asked(() => null, [old])).toEqual(unknown);
    expect(await asked(() => null, [], [{ ...old, block: 9_601 }])).toMatchObject({ kind: 'known' });
  });

  it('is not known of shares that were counted anew, or that nobody saw', async () => {
    const unknown = { kind: 'unknown', why: 'not-kept' };
    expect(await asked((block) => (block === 60_000 ? 1 : 1.2))).toEqual(unknown);
    expect(await asked(() => null)).toEqual(unknown);
  });
});
