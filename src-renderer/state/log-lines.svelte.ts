import type { LogCursor, LogPart } from '../../src-shared/contract/page/logs.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { isAtLeast, type LogLevel, type LogLine, readLogLine } from '../../src-shared/log-line.ts';
import { connection } from './connection.svelte.ts';

/** A log is read by people: news once a second are as fast as anybody reads. */
const ASK_EVERY_MS = 1_000;
/** Lines that the page keeps; older ones are in the file. */
const KEPT = 5_000;

/** What somebody wants to see of the log. */
export interface LogFilter {
  readonly level: LogLevel;
  /** '' for all */
  readonly process: string;
  readonly text: string;
}

export function fitting(lines: readonly LogLine[], { level, process, text }: LogFilter): readonly LogLine[] {
  const needle = text.trim().toLowerCase();
  return lines.filter(
    (line) =>
      isAtLeast(line.level, level) &&
      (process === '' || line.process === process) &&
      (needle === '' || line.text.toLowerCase().includes(needle)),
  );
}

/** The log as it grows, while a screen shows it. */
export class LogLines {
  lines = $state.raw<readonly LogLine[]>([]);
  /** null until the first answer. */
  error = $state.raw<CodedError | null>(null);
  isRead = $state(false);
  missed = $state(0);
  isFollowing = $state(true);
  #next: LogCursor | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  /** @returns what ends it */
  open(): () => void {
    this.#isOpen = true;
    void this.#ask();
    return () => {
      this.#isOpen = false;
      clearTimeout(this.#timer);
    };
  }

  follow(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    clearTimeout(this.#timer);
    if (isFollowing) void this.#ask();
  }

  async #ask(): Promise<void> {
    const answer = await connection.ask((api) => api.logLines(this.#next));
    if (!this.#isOpen) return;
    if ('error' in answer) this.error = answer.error;
    else this.#take(answer.value);
    clearTimeout(this.#timer);
    // There may be more behind a full part: it is asked for at once.
    const isBehind = 'value' in answer && !answer.value.isFresh && answer.value.lines.length > 0;
    if (this.isFollowing) this.#timer = setTimeout(() => void this.#ask(), isBehind ? 0 : ASK_EVERY_MS);
  }

  #take({ lines, next, missed, isFresh }: LogPart): void {
    this.error = null;
    this.isRead = true;
    this.#next = next;
    this.missed = isFresh ? 0 : this.missed + missed;
    if (lines.length === 0 && !isFresh) return;
    const before = isFresh ? [] : this.lines;
    this.lines = [...before, ...lines.map(readLogLine)].slice(-KEPT);
  }
}
