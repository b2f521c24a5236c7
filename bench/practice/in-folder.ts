import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Children of a killed host may still write while the folder goes. */
const TRIES = 20;

/** A data folder for one figure. It goes after it, and stays where the figure failed: its log says why. */
export async function inFolder<T>(name: string, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `butterfly-${name}-`));
  try {
    const made = await body(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: TRIES, retryDelay: 500 });
    return made;
  } catch (error) {
    console.log(`${name}: what it left is in ${folder}`);
    throw error;
  }
}
