import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import type { PortfolioOptions } from '../../../src-main/commands/portfolio.ts';
import { portfolioAtTerminal, portfolioLines } from '../../../src-main/entry/run-portfolio.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  minerHotkey,
  owner,
  sealing,
  startTestChain,
  type TestChain,
} from '../network/rig.ts';

describe('a portfolio on a terminal', () => {
  const { signal } = new AbortController();
  let dataDir: string;
  let devnet: Devnet;
  let chain: TestChain;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'butterfly-portfolio-'));
    devnet = await startTestChain();
    chain = await connect([devnet.url], signal);
    const stake = { limitPriceRao: rao(10n ** 10n), allowPartial: false, amountRao: rao(50n * 10n ** 9n) };
    const hotkey = minerHotkey.address;
    await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    const limitRao = rao(10n ** 9n);
    await sealing(devnet, chain.submit({ kind: 'burnedRegister', hotkey, limitRao }, miner, signal));
    await sealing(devnet, chain.submit({ kind: 'addStakeLimit', hotkey, ...stake }, miner, signal));
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await chain.stop();
    await devnet.stop();
    await rm(dataDir, { recursive: true });
  });

  async function run(line: string): Promise<string> {
    const said: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const read = readCommandLine([...line.split(' '), '--data-dir', dataDir]);
    if (read.kind !== 'run') throw new Error(read.kind);
    expect(await portfolioAtTerminal(read.asked.said as PortfolioOptions, signal)).toBe(0);
    return said.join('');
  }

  it('is told with what it would bring, or handed over as JSON', async () => {
    const line = `portfolio --network here=${devnet.url} --coldkey ${miner.address}`;
    const text = await run(line);
    expect(text).toContain(`${miner.address} in the state of block`);
    expect(text).toMatch(/subnet 38 \(Practice\), 5\w+: [\d.]+ alpha, sold now: [\d.]+ TAO/);
    const found = JSON.parse(await run(`${line} --json`));
    expect(found).toMatchObject({ network: 'here', coldkey: miner.address });
    expect(BigInt(found.totalRao)).toBe(BigInt(found.freeRao) + BigInt(found.stakes[0].exitRao));
  });

  it('refuses an account and a wallet at once, and no network', () => {
    expect(() => readCommandLine(['portfolio'])).toThrow(expect.objectContaining({ code: 'OPTION_MISSING' }));
    const both = `portfolio --network finney --wallet a --coldkey ${miner.address}`.split(' ');
    expect(() => readCommandLine(both)).toThrow(expect.objectContaining({ code: 'OPTIONS_EXCLUDE' }));
  });

  it('says what it does not know, and lets no name move a cursor', () => {
    const lines = portfolioLines(miner.address, {
      ...{ block: 7, atMs: 0, freeRao: rao(5n), reservedRao: null, stakeableRao: rao(0n) },
      totalRao: null,
      stakes: [
        {
          ...{ netuid: 3, subnetName: 'evil\u001b[2J', hotkey: minerHotkey.address, hotkeyName: null },
          ...{ isOwnHotkey: false, alpha: alphaRao(1n), availableAlpha: alphaRao(1n) },
          ...{ priceRao: null, spotRao: null, exitRao: null },
        },
      ],
    });
    expect(lines.join('\n')).toContain('not known');
    expect(lines.join('\n')).toContain('no quote');
    expect(lines.join('\n')).not.toContain('\u001b');
  });
});
