import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevnet } from '../../src-worker/devnet/start.ts';
import { type Figure, figure } from '../report/figures.ts';
import { fullSubnet, UIDS } from './epoch-256.ts';
import { optionsOf } from './model-chain.ts';

const BLOCKS = 7_200;

/** A day of mainnet's blocks on a chain as a practice runs it: a full subnet, and every block on disk. */
export async function devnetDayS(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'butterfly-day-'));
  const options = optionsOf({ dataDir: folder }, { neurons: fullSubnet(), tempo: 360 });
  const devnet = await startDevnet(options, new AbortController().signal);
  try {
    const from = performance.now();
    for (let block = 0; block < BLOCKS; block++) devnet.sealBlock();
    const seconds = (performance.now() - from) / 1_000;
    const seen = `${UIDS} uids, tempo 360, each block written to disk`;
    return figure('devnet-day-s', seconds, 's', { floor: 60, goal: 30, seen });
  } finally {
    await devnet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
