import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'vitest';
import { lacksTensorFlow, tensorFlowFolder } from '../../src-worker/train/engine/tensorflow/native.ts';
import { expectAgreement, RUN_LIMIT_MS } from './agreement.ts';

const lacking = process.env.BUTTERFLY_LONG ? lacksTensorFlow() : 'it is long';
if (lacking) console.warn(`A miner on TensorFlow is not tried in a practice: ${lacking}.`);

it.skipIf(lacking !== null)(
  'the work of a miner on TensorFlow stands the check of a validator on Butterfly’s own kernels',
  () =>
    expectAgreement('tensorflow', async (folder) => {
      await mkdir(join(folder, 'engines'));
      await symlink(tensorFlowFolder(), join(folder, 'engines', 'tensorflow'));
    }),
  RUN_LIMIT_MS,
);
