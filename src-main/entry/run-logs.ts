import { readLogLine } from '../../src-shared/log-line.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import type { LogsOptions } from '../commands/logs.ts';
import { defaultDataDir } from '../data-folder.ts';
import { CAUGHT_UP, readLog } from '../logs/read-log.ts';
import { redactLines } from '../logs/redact.ts';
import { ownRedactor } from '../logs/surroundings.ts';
import { wanted } from '../logs/wanted-lines.ts';
import { print } from './terminal.ts';

const LINES = 200;

/** Prints the log of a data folder without secrets, and follows it where that is asked. @returns the exit code */
export async function logsAtTerminal(said: LogsOptions, nowMs: number, signal: AbortSignal): Promise<number> {
  const dataDir = said.dataDir ?? defaultDataDir();
  const redact = ownRedactor(dataDir, said.addresses);
  const say = (lines: readonly string[]) => {
    for (const line of redactLines(redact, lines))
      print(said.json ? JSON.stringify(readLogLine(line)) : line);
  };
  const sinceMs = said.since?.sinceMs(nowMs) ?? null;
  const isWanted = wanted({ sinceMs, level: said.level, process: said.process, text: said.filter });
  const most = said.lines ?? (sinceMs === null ? LINES : Number.POSITIVE_INFINITY);
  /** What was read and not yet said: said together, for a secret may stand on several lines. */
  let unsaid: string[] = [];
  /** Of the past the last lines are shown; of what is written from then on, all. */
  let shown = most;
  // Whoever read along may leave, like `head`: nobody is there to follow for.
  const left = new AbortController();
  process.stdout.once('error', () => left.abort());
  for await (const line of readLog(dataDir, said.follow, AbortSignal.any([signal, left.signal]))) {
    if (line === CAUGHT_UP) {
      say(unsaid.slice(unsaid.length > shown ? -shown : 0));
      unsaid = [];
      shown = Number.POSITIVE_INFINITY;
      // Cut now and then, not at each line: what is cut is copied.
    } else if (isWanted(line) && unsaid.push(line) >= 2 * shown) unsaid = unsaid.slice(-shown);
  }
  return exitCodes.done;
}
