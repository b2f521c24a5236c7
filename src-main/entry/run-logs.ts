import { readLogLine } from '../../src-shared/log-line.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import type { LogsOptions } from '../commands/logs.ts';
import { defaultDataDir } from '../data-folder.ts';
import { CAUGHT_UP, readLog } from '../logs/read-log.ts';
import { ownRedactor } from '../logs/surroundings.ts';
import { wanted } from '../logs/wanted-lines.ts';
import { print } from './terminal.ts';

const LINES = 200;

/** Prints the log of a data folder without secrets, and follows it where that is asked. @returns the exit code */
export async function logsAtTerminal(said: LogsOptions, nowMs: number, signal: AbortSignal): Promise<number> {
  const dataDir = said.dataDir ?? defaultDataDir();
  const redact = ownRedactor(dataDir, said.addresses);
  const say = (line: string) => print(said.json ? JSON.stringify(readLogLine(redact(line))) : redact(line));
  const sinceMs = said.since?.sinceMs(nowMs) ?? null;
  const isWanted = wanted({ sinceMs, level: said.level, process: said.process, text: said.filter });
  const most = said.lines ?? (sinceMs === null ? LINES : Number.POSITIVE_INFINITY);
  /** Lines of the past, of which the last ones are shown; null once these are. */
  let past: string[] | null = [];
  for await (const line of readLog(dataDir, said.follow, signal)) {
    if (line === CAUGHT_UP) {
      for (const one of past?.slice(past.length > most ? -most : 0) ?? []) say(one);
      past = null;
    } else if (!isWanted(line)) continue;
    else if (!past) say(line);
    // Cut now and then, not at each line: what is cut is copied.
    else if (past.push(line) >= 2 * most) past = past.slice(-most);
  }
  return exitCodes.done;
}
