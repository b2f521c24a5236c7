import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { RAM_KEPT_FREE_BYTES } from './limits.ts';

/** What a system tells of its memory. */
export interface RamFacts {
  readonly platform: NodeJS.Platform;
  readonly totalBytes: number;
  /** What could be had without taking it from anybody, reclaimable caches included. */
  readonly freeBytes: number;
  /** What a container may take in all; 0, or more than there is, where there is none. */
  readonly limitBytes: number;
  /** Of that, what it does not take yet; file caches of its own count as taken. */
  readonly underLimitBytes: number;
  /** File caches of the container, which go when memory is wanted; null: not known. */
  readonly cachedBytes: number | null;
}

/**
 * Bytes that can be had now. macOS counts as free what nobody has touched, which is little on any machine that has run for
 * a while, so there nothing is known.
 * @returns null where the system does not tell
 */
export function availableRam(facts: RamFacts): number | null {
  const { platform, totalBytes, freeBytes, limitBytes, underLimitBytes, cachedBytes } = facts;
  if (platform === 'darwin') return null;
  if (limitBytes === 0 || limitBytes >= totalBytes) return freeBytes;
  return cachedBytes === null ? null : Math.min(freeBytes, underLimitBytes + cachedBytes);
}

/** Memory of the computer that training may plan with, less what others are left; null where nobody can tell. */
export async function freeRam(): Promise<number | null> {
  const available = availableRam({
    platform: process.platform,
    totalBytes: totalmem(),
    freeBytes: freemem(),
    limitBytes: process.constrainedMemory(),
    underLimitBytes: process.availableMemory(),
    cachedBytes: await cachedInGroup(),
  });
  return available === null ? null : Math.max(0, available - RAM_KEPT_FREE_BYTES);
}

/** File caches of the control group of this process, as a kernel of Linux keeps them; null elsewhere. */
async function cachedInGroup(): Promise<number | null> {
  try {
    const groups = await readFile('/proc/self/cgroup', 'utf8');
    const own = /^0::(.*)$/m.exec(groups)?.[1];
    return own === undefined
      ? null
      : cachedIn(await readFile(join('/sys/fs/cgroup', own, 'memory.stat'), 'utf8'));
  } catch {
    // No kernel of that kind, or none of its groups to be seen from here.
    return null;
  }
}

/**
 * Bytes of file caches in the text of `memory.stat`; null where it does not tell. Its `file` counts shared memory and
 * files that live in memory alone as well, and those do not go: the lists of what a kernel takes back know better.
 */
export function cachedIn(stat: string): number | null {
  const bytes = ['active_file', 'inactive_file'].reduce((sum, name) => {
    const found = new RegExp(`^${name} (\\d{1,16})$`, 'm').exec(stat);
    return sum + Number(found?.[1] ?? Number.NaN);
  }, 0);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
