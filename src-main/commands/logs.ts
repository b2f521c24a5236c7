import { type LogLevel, logLevels } from '../../src-shared/log-line.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption } from './option.ts';
import { dataDir } from './shared-options.ts';
import { oneOf, plainText, type Value, wholeNumber } from './values.ts';

const MOST_LINES = 1_000_000;
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How long before now, or a moment: both as they reach back from `now` (time of day). */
export interface Since {
  sinceMs(nowMs: number): number;
}

const since: Value<Since> = {
  name: 'TIME',
  expected: 'a time like 30m, 2h or 3d, or a moment like 2026-12-01 or 2026-12-01T08:00',
  read: (text) => {
    const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
    if (count) {
      const ms = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
      return { sinceMs: (nowMs) => nowMs - ms };
    }
    const at = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
    return Number.isNaN(at) ? null : { sinceMs: () => at };
  },
};

export const addresses: SwitchOption = {
  name: '--addresses',
  help: 'Leave addresses of accounts in: they are public, but say whose computer this is.',
};

/** The log on a terminal; needs no host. */
export const logs = command({
  name: 'logs',
  summary: 'Show what Butterfly wrote down, without secrets; follow it while it runs.',
  options: {
    follow: {
      name: '--follow',
      help: 'Go on with what is written from now on, until Ctrl+C.',
    } as SwitchOption,
    since: { name: '--since', help: 'Only what is younger.', value: since } as ValueOption<Since>,
    level: {
      name: '--level',
      help: 'Only what is at least that serious.',
      value: oneOf<LogLevel>(logLevels.join('|'), logLevels),
    } as ValueOption<LogLevel>,
    process: {
      name: '--process',
      help: 'Only what this one said: host, train, swarm, companion-1 …',
      value: plainText('PROCESS', 'the name of a process'),
    } as ValueOption<string>,
    filter: {
      name: '--filter',
      help: 'Only lines with this text in them.',
      value: plainText('TEXT', 'some text'),
    } as ValueOption<string>,
    lines: {
      name: '--lines',
      help: 'The last so many of them (default: 200; with --since all).',
      value: wholeNumber('N', 1, MOST_LINES),
    } as ValueOption<number>,
    json: {
      name: '--json',
      help: 'Print a line of JSON for each: atMs, process, level, text.',
    } as SwitchOption,
    addresses,
    dataDir,
  },
});

export type LogsOptions = SaidOf<typeof logs>;
