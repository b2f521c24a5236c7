import { expect, it } from 'vitest';
import { ownRun } from '../../../bench/data/own-run.ts';

/** Four hosts beside a chain, and rounds of half a minute. */
const LIMIT_MS = 600_000;
const isLong = Boolean(process.env.BUTTERFLY_LONG);
if (!isLong) console.warn('A run of one’s own is not gone through: it is long.');

it.skipIf(!isLong)(
  'a run of one’s own on text of the Hub goes from an empty subnet to a newcomer who joins from the store alone',
  {
    timeout: LIMIT_MS,
  },
  async () => {
    const { askedOfHub, bases } = await ownRun();
    expect(askedOfHub.filter((asked) => /GET .*\/lineage\.json$/.test(asked))).not.toEqual([]);
    expect(askedOfHub.filter((asked) => /GET .*\.safetensors$/.test(asked))).not.toEqual([]);
    const [newcomer, miner] = bases;
    expect(newcomer).toMatch(/^Round \d+ base [0-9a-f]{64}$/);
    expect(newcomer).toBe(miner);
  },
);
