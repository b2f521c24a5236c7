import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import type { EarningsOptions } from '../../../src-main/commands/earnings.ts';
import { earningsAtTerminal } from '../../../src-main/entry/run-earnings.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { alphaRao, hex, rao, ss58 } from '../../../src-shared/units.ts';
import { bookEpoch, bookSnapshot } from '../../booked.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const coldkey = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const genesis = hex('ab'.repeat(32));
const priceRao = rao(500_000_000n);
const day = Date.UTC(2026, 10, 2);

describe('earnings on a terminal', () => {
  let dataDir: string;
  let store: Store;
  let said: string[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'butterfly-earned-'));
    said = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(dataDir, { recursive: true });
  });

  async function book(): Promise<void> {
    store = await openStore({
      dataDir,
      onProblem: (problem) => expect.unreachable(problem.code),
      onRecovered: () => undefined,
    });
    const ledger = store.ledger(genesis, 38);
    const snapshot = { hotkey, coldkey, stakeAlpha: alphaRao(0n), priceRao, method: 'event' as const };
    await bookSnapshot(ledger, { ...snapshot, block: 1, atMs: day, residualAlpha: null });
    for (const block of [11, 22])
      await bookEpoch(ledger, {
        ...{ hotkey, block, atMs: day + block * 1_000, uid: 3, alpha: alphaRao(2_000_000_000n), priceRao },
        valueRao: rao(1_000_000_000n),
      });
  }
  /** Run as it is typed, two days after the pay. */
  async function run(line: string): Promise<string> {
    said.length = 0;
    const read = readCommandLine([...line.split(' '), '--data-dir', dataDir]);
    if (read.kind !== 'run') throw new Error(read.kind);
    expect(await earningsAtTerminal(read.asked.said as EarningsOptions, day + 86_400_000)).toBe(0);
    return said.join('');
  }

  it('are told while a host writes them', async () => {
    await book();
    const text = await run('earnings');
    await store.stop();
    expect(text).toContain(`${hotkey}, subnet 38 of chain abababab…`);
    expect(text).toContain('2026-11-02  4 alpha, worth 2 TAO then');
    expect(text).toContain('2026-11-03  0 alpha, worth 0 TAO then (not over yet)');
  });

  it('are handed over as JSON, amounts as text', async () => {
    await book();
    await store.stop();
    const [one] = JSON.parse(await run('earnings --json --period epoch'));
    expect(one).toMatchObject({ hotkey, coldkey, netuid: 38, genesis });
    expect(
      one.periods.map(({ alpha, taoRao }: { alpha: string; taoRao: string }) => [alpha, taoRao]),
    ).toEqual([
      ['2000000000', '1000000000'],
      ['2000000000', '1000000000'],
    ]);
  });

  it('are handed over as CSV in both forms', async () => {
    await book();
    await store.stop();
    const own = (await run('earnings --csv own')).trim().split('\r\n');
    expect(own).toHaveLength(3);
    expect(own[1]).toContain(`2026-11-02T00:00:11.000Z,11,${hotkey}-38-11-incentive-0,incentive,38`);
    expect(await run('earnings --csv koinly')).toContain('4.000000000,SN38,,,2.000000000,TAO,mining');
  });

  it('are nothing of a hotkey that has no rows, and of a folder without a ledger', async () => {
    expect(await run('earnings')).toContain('Nothing is booked yet.');
    await book();
    await store.stop();
    expect(await run(`earnings --run ${coldkey}`)).toContain('Nothing is booked yet.');
  });
});
