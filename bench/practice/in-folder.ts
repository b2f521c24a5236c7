import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Children of a killed host may still write while the folder goes. */
const TRIES = 20;

/** A data folder for one figure, gone after it. */
export async function inFolder<T>(name: string, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `butterfly-${name}-`));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: TRIES, retryDelay: 500 });
  }
}
