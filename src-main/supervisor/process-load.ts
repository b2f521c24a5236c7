import { readFileSync } from 'node:fs';

/** What the operating system says of a process: how much it worked, and how long it waited for a processor. */
export interface ProcessLoad {
  /** Processor time of all its threads since it began. */
  readonly cpuMs: number;
  /** How long its main thread, which runs the event loop, was ready to run and was not let. */
  readonly waitedMs: number;
}

/** The kernel counts in hundredths of a second towards programs, whatever its own tick is. */
const TICK_MS = 10;
/** Fields of `stat` behind the name, counted from the state: user and system time. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** @returns null where the system does not say (only Linux does), or the process is gone */
export function readLoad(pid: number | undefined): ProcessLoad | null {
  if (process.platform !== 'linux' || pid === undefined) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in brackets and may hold brackets and blanks itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const cpuMs = (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * TICK_MS;
    return Number.isFinite(cpuMs) ? { cpuMs, waitedMs: waitedMs(pid) } : null;
  } catch {
    return null;
  }
}

/** Kernels without scheduler statistics tell nothing here; the processor time then has to do. */
function waitedMs(pid: number): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
    return Number(waitedNs) / 1e6 || 0;
  } catch {
    return 0;
  }
}
