import { randomBytes } from 'node:crypto';
import { hexToBytes } from '@noble/hashes/utils.js';
import { encryptTimelocked } from '../../src-node/timelock.ts';
import { encodeWeightsPayload, QUICKNET } from '../../src-shared/chain/timelock.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import { type Figure, figure } from '../report/figures.ts';

const UIDS = 256;
const WARM = 5;
const RUNS = 40;

/** One commit of 256 weights, from numbers to bytes that the chain takes: the median of many. */
export async function timelockMs(): Promise<Figure> {
  const publicKey = hexToBytes(QUICKNET.publicKey);
  const [hotkey, uids] = [randomBytes(32), Array.from({ length: UIDS }, (_, uid) => uid)];
  const taken: number[] = [];
  for (let run = 0; run < WARM + RUNS; run++) {
    const from = performance.now();
    const plain = encodeWeightsPayload({ hotkey, uids, values: uids, versionKey: 0n });
    encryptTimelocked(plain, 1_000_000 + run, publicKey);
    if (run >= WARM) taken.push(performance.now() - from);
  }
  return figure('timelock-ms', median(taken), 'ms', {
    floor: 50,
    goal: 20,
    seen: `${UIDS} weights, median of ${RUNS}`,
  });
}
