import { it } from 'vitest';
import { chooseSoftwareGpu } from '../../src-worker/train/engine/software-gpu.ts';
import { expectAgreement, RUN_LIMIT_MS } from './agreement.ts';

const lacking = process.env.BUTTERFLY_LONG ? chooseSoftwareGpu() : 'it is long';
if (lacking) console.warn(`A miner on a graphics card is not tried in a practice: ${lacking}.`);

it.skipIf(lacking !== null)(
  'the work of a miner on a graphics card stands the check of a validator on a processor',
  () => expectAgreement('gpu'),
  RUN_LIMIT_MS,
);
