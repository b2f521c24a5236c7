import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { appKey } from '../../src-shared/rules/apps.ts';
import { ANCESTORS_MAX, PROCESSES_AT_ONCE, PROCESSES_MAX } from './limits.ts';

/** A process by every name that it goes by. */
export interface Program {
  readonly pid: number;
  /** null: the system did not tell. */
  readonly parent: number | null;
  readonly names: readonly string[];
}

/** A kernel keeps so many letters of a name that a process gives itself. */
const COMM_LENGTH = 15;

/** Those of the listed names under which a process runs that is not our own or begun by us. Pure. */
export function runningOf(
  listed: readonly string[],
  programs: readonly Program[],
  ownPid: number,
): readonly string[] {
  const parents = new Map(programs.map(({ pid, parent }) => [pid, parent]));
  const isOwn = (pid: number): boolean => {
    let at: number | null = pid;
    for (let steps = 0; at !== null && steps < ANCESTORS_MAX; steps++) {
      if (at === ownPid) return true;
      at = parents.get(at) ?? null;
    }
    return false;
  };
  return listed.filter((name) => programs.some(({ pid, names }) => goesBy(names, name) && !isOwn(pid)));
}

function goesBy(names: readonly string[], listed: string): boolean {
  const key = appKey(listed);
  return names.some(
    (name) => appKey(name) === key || (name.length === COMM_LENGTH && startsAs(listed, name)),
  );
}

const startsAs = (listed: string, comm: string): boolean =>
  listed.length > COMM_LENGTH && listed.toLowerCase().startsWith(comm.toLowerCase());

/**
 * Every process that a Linux kernel shows, by the name it gives itself and that of its file.
 * @param proc "/proc"
 * @returns null where there is no such folder
 */
export async function procPrograms(proc: string, signal: AbortSignal): Promise<readonly Program[] | null> {
  const entries = await readdir(proc).catch(() => null);
  if (!entries) return null;
  const pids = entries.filter((name) => /^\d{1,10}$/.test(name)).slice(0, PROCESSES_MAX);
  const found: Program[] = [];
  for (let at = 0; at < pids.length && !signal.aborted; at += PROCESSES_AT_ONCE) {
    const some = await Promise.all(pids.slice(at, at + PROCESSES_AT_ONCE).map((pid) => programAt(proc, pid)));
    found.push(...some.flatMap((one) => one ?? []));
  }
  return found;
}

/** null for one that is gone by now. The file of somebody else's process is not told; the name it goes by is. */
async function programAt(proc: string, pid: string): Promise<Program | null> {
  const [stat, exe] = await Promise.all([
    readFile(join(proc, pid, 'stat'), 'latin1').catch(() => null),
    readlink(join(proc, pid, 'exe')).catch(() => null),
  ]);
  const told = stat === null ? null : statOf(stat);
  if (!told) return null;
  const file = exe === null ? [] : [basename(exe.replace(/ \(deleted\)$/, ''))];
  return { pid: Number(pid), parent: told.parent, names: [told.comm, ...file] };
}

/** "7 (name (of) it) S 1 …": a name may hold anything, brackets and blanks too, so its end is the last bracket. */
function statOf(stat: string): { readonly comm: string; readonly parent: number } | null {
  const end = stat.lastIndexOf(')');
  const begin = stat.indexOf('(');
  const parent = /^ \S (\d{1,10}) /.exec(stat.slice(end + 1))?.[1];
  if (begin < 0 || parent === undefined) return null;
  return { comm: Buffer.from(stat.slice(begin + 1, end), 'latin1').toString('utf8'), parent: Number(parent) };
}

/** The same from `ps -axo pid=,ppid=,comm=` of macOS. */
export const psPrograms = (text: string): readonly Program[] =>
  text.split('\n', PROCESSES_MAX).flatMap((line) => {
    const [, pid, parent, path] = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\S.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), names: [basename(path)] }];
  });

/** The same from `tasklist /fo csv /nh` of Windows, which names no parents: ours are known by the name of our own file. */
export const tasklistPrograms = (text: string, ownName: string): readonly Program[] =>
  text.split(/\r?\n/, PROCESSES_MAX).flatMap((line) => {
    const [, name, pid] = /^"([^"]{1,260})","(\d{1,10})",/.exec(line) ?? [];
    if (name === undefined || appKey(name) === appKey(ownName)) return [];
    return [{ pid: Number(pid), parent: null, names: [name] }];
  });
