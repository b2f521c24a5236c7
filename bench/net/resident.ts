import { readdir, readFile } from 'node:fs/promises';

/** Bytes of a process that lie in memory: now, and at the most since it began. Linux only. */
export async function residentBytes(pid: number): Promise<{ readonly now: number; readonly most: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => 1_024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]);
  return { now: of('VmRSS'), most: of('VmHWM') };
}

/** Bytes in memory of these processes and all that descend from them; what several share counts once. Linux only. */
export async function familyBytes(pids: readonly number[]): Promise<number> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(stat.replace(/^.*\) /s, '').split(' ')[1]));
  }
  const family = new Set(pids);
  const isKin = (pid: number): boolean => {
    for (let at: number | undefined = pid; at; at = parents.get(at)) if (family.has(at)) return true;
    return false;
  };
  const each = [...parents.keys()].filter(isKin).map(async (pid) => {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    return 1_024 * Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
  });
  return (await Promise.all(each)).reduce((sum, bytes) => sum + bytes, 0);
}
