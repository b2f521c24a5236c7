import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { CHROMIUM_MISSING, findChromium } from '../../tools/build/chromium.ts';
import { type SaidProcess, startCommand } from '../practice/said-process.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { type FullNetwork, openFullNetwork } from './full-network.ts';
import { startWire, type Wire } from './wire.ts';

const UIDS = 256;
const BLOCK_MS = 1_000;
/** Two rounds and more, and some epochs: what each of them costs is in the mean. */
const BLOCKS = 48;
const START_MS = 180_000;
const ROUND_MS = 240_000;
const HELD = { floor: 6, goal: 3 };

/**
 * Frames from one host to its node for each finalized block, in the mean: a miner with a page open that takes part in
 * the rounds of a full subnet, beside two miners and a validator. The host is started anew, as a person starts it, with
 * the run that it joined before.
 */
export async function readsPerBlock(): Promise<Figure> {
  const browserPath = findChromium();
  if (!browserPath) return unmeasured('reads-per-block', 'frames', CHROMIUM_MISSING, HELD);
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-reads-'));
  const running: SaidProcess[] = [];
  const begin = (args: readonly string[]) => {
    const one = startCommand(args);
    running.push(one);
    return one;
  };
  const network = await openFullNetwork(join(folder, 'net'), UIDS, BLOCK_MS);
  const wire = await startWire(network.url);
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  try {
    const dataDir = join(folder, 'measured');
    const [mine = '', ...others] = network.miners;
    const first = begin(joinWords(network, wire.url, mine, dataDir));
    begin([...joinWords(network, network.url, network.validator, join(folder, 'v'), 'validator')]);
    for (const [i, keys] of others.entries())
      begin(joinWords(network, network.url, keys, join(folder, `m${i}`)));
    await first.said(/^Round \d+ committed/, 1, ROUND_MS);
    await first.stop();
    const host = begin(['--no-open', '--data-dir', dataDir]);
    const [line = ''] = await host.said(/: \/.+\.html$/, 1, START_MS);
    const page = await browser.newPage();
    await page.goto(`file://${line.slice(line.indexOf(': ') + 2)}`);
    await page.getByRole('button', { name: 'Pause' }).waitFor({ timeout: START_MS });
    const counted = await countBlocks(wire, BLOCKS);
    const seen = `${UIDS} uids, ${counted.blocks} blocks; ${counted.requests.toFixed(1)} requests in them`;
    return figure('reads-per-block', counted.frames, 'frames', { ...HELD, seen });
  } finally {
    await browser.close();
    for (const one of running.reverse()) await one.stop();
    await wire.stop();
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function joinWords(
  { profile, meeting }: FullNetwork,
  url: string,
  keys: string,
  dataDir: string,
  role = 'miner',
) {
  const listen = role === 'validator' ? meeting : '127.0.0.1:0';
  return [
    ...['join', '--headless', '--network', `full=${url}`, '--profile', profile, '--role', role],
    ...['--keys', keys, '--data-dir', dataDir, '--listen', listen],
  ];
}

/** Frames and requests for each of so many finalized blocks, from the next one on. */
async function countBlocks(wire: Wire, blocks: number) {
  await wire.finalized(wire.counted.finalized + 1);
  const before = { ...wire.counted };
  await wire.finalized(before.finalized + blocks);
  const { frames, requests } = wire.counted;
  return {
    blocks,
    frames: (frames - before.frames) / blocks,
    requests: (requests - before.requests) / blocks,
  };
}
