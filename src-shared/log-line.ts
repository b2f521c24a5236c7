/** A line of Butterfly's log, taken apart for who reads and filters it. */
export interface LogLine {
  /** Time of day; null where the line has none. */
  readonly atMs: number | null;
  /** Who said it: 'host', one of its processes, or a participant of a practice. */
  readonly process: string;
  readonly level: LogLevel;
  readonly text: string;
}

/** As notices are told, the mildest first. */
export const logLevels = ['info', 'attention', 'fault'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Whether a line of this level is wanted where the other is the least that is. */
export const isAtLeast = (level: LogLevel, least: LogLevel): boolean =>
  logLevels.indexOf(level) >= logLevels.indexOf(least);

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) /;
/** Children and the participants of a practice; each stands in front of what it said. */
const PROCESS =
  /^(companion-\d+|validator|train|swarm|devnet|benchmark|survey|model|store|tensorflow-kit)(?::| )/;
/** What people are told is written with its level; of the rest a few words give it away. */
const TOLD = /^(?:\S{8} )?(attention|fault): /;
const FAULTS = /\b(?:uncaughtException|unhandledRejection|\w*Error: )|^\s+at /;
const WORTH_A_LOOK = /\bis ended: |\bdid not stop cleanly\b|\blines are missing here\b|\brestarts?\b/;

/** Never fails: what has no time or no known speaker is a line of the host's. */
export function readLogLine(line: string): LogLine {
  const time = TIME.exec(line)?.[1];
  const text = time === undefined ? line : line.slice(time.length + 1);
  const process = PROCESS.exec(text)?.[1] ?? 'host';
  const said = process === 'host' ? text : text.slice(process.length).replace(/^: ?/, '');
  return { atMs: time === undefined ? null : Date.parse(time), process, level: levelOf(said), text };
}

function levelOf(said: string): LogLevel {
  const told = TOLD.exec(said)?.[1];
  if (told === 'attention' || told === 'fault') return told;
  if (FAULTS.test(said)) return 'fault';
  return WORTH_A_LOOK.test(said) ? 'attention' : 'info';
}
