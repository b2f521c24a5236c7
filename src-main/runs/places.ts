import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../../src-node/disk-error.ts';

/** Folder of a joined run, made where it is missing: model, spool, journals of one hotkey. */
export async function joinedDataDir(dataDir: string, hotkey: string): Promise<string> {
  const path = join(dataDir, 'runs', hotkey);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}
