import { isAtLeast, type LogLevel, readLogLine } from '../../src-shared/log-line.ts';

/** Which lines somebody asked for. */
export interface WantedLines {
  /** Time of day; lines before it are left out. */
  readonly sinceMs: number | null;
  readonly level: LogLevel | null;
  readonly process: string | null;
  /** Stands in the line, whatever the case of its letters. */
  readonly text: string | null;
}

/** Whether a line is one of them. A line without a time of its own belongs to the one before it. */
export function wanted({ sinceMs, level, process, text }: WantedLines): (line: string) => boolean {
  const needle = text?.toLowerCase() ?? null;
  let atMs = Number.NEGATIVE_INFINITY;
  return (line) => {
    const read = readLogLine(line);
    atMs = read.atMs ?? atMs;
    if (sinceMs !== null && atMs < sinceMs) return false;
    if (level !== null && !isAtLeast(read.level, level)) return false;
    if (process !== null && read.process !== process) return false;
    return needle === null || line.toLowerCase().includes(needle);
  };
}
