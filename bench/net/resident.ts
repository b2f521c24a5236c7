import { readFile } from 'node:fs/promises';

/** Bytes of a process that lie in memory: now, and at the most since it began. Linux only. */
export async function residentBytes(pid: number): Promise<{ readonly now: number; readonly most: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => 1_024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]);
  return { now: of('VmRSS'), most: of('VmHWM') };
}
