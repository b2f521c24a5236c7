import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';

/** Small files that must outlive a crash: written under a temporary name, synced, renamed. */

/** A file that cannot be read counts as absent. */
export async function readDurable<S extends v.GenericSchema>(
  path: string,
  schema: S,
  absent: v.InferOutput<S>,
): Promise<v.InferOutput<S>> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : absent;
  } catch {
    return absent;
  }
}

/** One writer per path at a time: two would share the temporary name. */
export async function writeDurable(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** The rename itself has to reach the disk; Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
