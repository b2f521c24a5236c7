import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAt } from '../../../../src-node/durable.ts';
import { SCAN_BYTES } from '../limits.ts';

/**
 * Copies what follows the last whole record: it may be all that is left of something. TensorBoard reads whatever is named
 * after its events, so the copy is not.
 * @returns the path of the copy
 */
export async function keepTail(
  file: FileHandle,
  folder: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<string> {
  const { path, copy } = await openFree(folder);
  try {
    const bytes = new Uint8Array(Math.min(SCAN_BYTES, to - from));
    for (let at = from; at < to; ) {
      const { bytesRead } = await file.read(bytes, 0, Math.min(bytes.length, to - at), at);
      if (bytesRead === 0) break;
      await writeAt(copy, bytes.subarray(0, bytesRead), at - from);
      at += bytesRead;
    }
    await copy.sync();
    return path;
  } finally {
    await copy.close();
  }
}

async function openFree(folder: string): Promise<{ readonly path: string; readonly copy: FileHandle }> {
  for (let n = 1; ; n++) {
    const path = join(folder, `torn-${n}.bytes`);
    try {
      return { path, copy: await open(path, 'wx', 0o600) };
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
  }
}
