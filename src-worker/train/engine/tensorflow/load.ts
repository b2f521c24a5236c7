import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { LoadedTfjs, Tfjs } from './tfjs.ts';

export const PACKAGE = '@tensorflow/tfjs-node-gpu';
/** As a person knows it. */
export const TENSORFLOW = 'TensorFlow';

/** Its backend, as far as anybody asks it. */
interface NodeBackend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

/**
 * Loads the package that a user added, from its own folder, into this process: for a child alone, since what it loads is
 * native code and changes `node:util`.
 * @param folder whose node_modules hold it
 * @throws {AppError} ENGINE_ABSENT where it is not there, ENGINE_BROKEN where it cannot be loaded
 */
export function loadTensorFlow(folder: string, threads: number): LoadedTfjs {
  if (!existsSync(join(folder, 'node_modules', PACKAGE)))
    throw new AppError('ENGINE_ABSENT', { engine: TENSORFLOW });
  const load = createRequire(join(folder, 'package.json'));
  // Read once, when the library makes its first session.
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_NUM_INTEROP_THREADS = '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  bringBack(load('node:util') as Record<string, unknown>);
  try {
    const tf = load(PACKAGE) as Tfjs;
    const { binding, isUsingGpuDevice } = tf.backend() as unknown as NodeBackend;
    return { tf, name: `TensorFlow ${binding.TF_Version}`, threads, isOnCard: isUsingGpuDevice };
  } catch (thrown) {
    throw new AppError('ENGINE_BROKEN', { engine: TENSORFLOW, path: folder }, thrown);
  }
}

/** Functions that Node 23 took out of `node:util`, and the package calls still. */
function bringBack(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
