import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { addTensorFlow } from '../../src-main/engines/add-tensorflow.ts';
import { loadTensorFlow } from '../../src-worker/train/engine/tensorflow/load.ts';
import type { LoadedTfjs } from '../../src-worker/train/engine/tensorflow/tfjs.ts';
import { tensorFlowFolder } from '../../test/src-worker/train/engine/tensorflow/native.ts';

/** npm, 200 MB of library and a compiler. */
const ADD_MS = 20 * 60_000;

/**
 * TensorFlow's own binding with one thread, added as a user adds it where it is not there yet, outside the repository.
 * @throws {Error} where it cannot be had
 */
export async function loadNativeTfjs(): Promise<LoadedTfjs> {
  const folder = tensorFlowFolder();
  if (!existsSync(folder)) await add(folder);
  return loadTensorFlow(folder, 1);
}

async function add(folder: string): Promise<void> {
  const part = `${folder}.part`;
  await mkdir(dirname(folder), { recursive: true });
  await addTensorFlow({
    folder: part,
    downloads: dirname(folder),
    told: () => undefined,
    log: () => undefined,
    signal: AbortSignal.timeout(ADD_MS),
  });
  await rm(folder, { recursive: true, force: true });
  await rename(part, folder);
}
