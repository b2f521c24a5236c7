import { basename } from 'node:path';
import type { HouseRules } from '../../src-shared/rules/house-rules.ts';
import type { DeskSignals } from '../../src-shared/rules/signals.ts';
import { askTool, type ToolAnswer } from '../telemetry/tool.ts';
import { activeWindow, fillsScreen, tellsActive } from './full-screen.ts';
import { ioregSeconds, logindSeconds, xprintidleSeconds } from './idle.ts';
import { DESK_TOOL_EVERY_MS, DESK_TOOL_MS, DESK_TOOL_TEXT_MAX } from './limits.ts';
import { pmsetOnBattery, sysfsOnBattery } from './power.ts';
import { type Program, procPrograms, psPrograms, runningOf, tasklistPrograms } from './programs.ts';

/** What this process can see by itself of the desk. */
export interface OwnSight {
  readonly onBattery: boolean | null;
  readonly isFullScreen: boolean | null;
  readonly idleSeconds: number | null;
  /** Those of the listed programs that run. */
  readonly apps: readonly string[] | null;
}

/** What is looked at: the rest is asked for by no rule, or told by a shell. */
export type Wanted = { readonly [Name in keyof OwnSight]: boolean };

export const wantedBy = (rules: HouseRules, told: DeskSignals): Wanted => ({
  onBattery: rules.restsOnBattery && told.onBattery === null,
  isFullScreen: rules.restsInFullScreen && told.isFullScreen === null,
  idleSeconds: rules.idleMinutes !== null && told.idleSeconds === null,
  apps: rules.apps.length > 0,
});

export interface DeskReader {
  /** Reads what is wanted; null where nobody here can tell. Never rejects. */
  read(wanted: Wanted, listed: readonly string[], signal: AbortSignal): Promise<OwnSight>;
}

export interface DeskPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly proc: string;
  readonly sys: string;
  ask(file: string, words: readonly string[], signal: AbortSignal): Promise<ToolAnswer>;
  /** A clock that never goes back, in ms, and Unix time. */
  nowMs(): number;
  wallMs(): number;
}

export const thisDesk: DeskPlace = {
  platform: process.platform,
  env: process.env,
  proc: '/proc',
  sys: '/sys',
  ask: (file, words, signal) => askTool(file, words, signal, DESK_TOOL_MS, DESK_TOOL_TEXT_MAX),
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
};

const LOGIND = 'org.freedesktop.login1';
const IDLE_HINT = [
  'get-property',
  LOGIND,
  '/org/freedesktop/login1',
  `${LOGIND}.Manager`,
  'IdleHint',
  'IdleSinceHint',
];

/** Linux by what its kernel, its X display and logind show; macOS and Windows by tools that come with them. */
export function deskReader(place: DeskPlace): DeskReader {
  const { platform, env, proc, sys } = place;
  const text = async (
    file: string,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<string | null> => {
    const answer = await place.ask(file, words, signal);
    return typeof answer === 'object' ? answer.text : null;
  };

  async function onBattery(signal: AbortSignal): Promise<boolean | null> {
    if (platform === 'linux') return sysfsOnBattery(`${sys}/class/power_supply`);
    const said = platform === 'darwin' ? await text('pmset', ['-g', 'batt'], signal) : null;
    return said === null ? null : pmsetOnBattery(said);
  }

  async function isFullScreen(signal: AbortSignal): Promise<boolean | null> {
    if (platform !== 'linux' || !env.DISPLAY) return null;
    const root = await text('xprop', ['-root', '_NET_ACTIVE_WINDOW'], signal);
    if (root === null || !tellsActive(root)) return null;
    const window = activeWindow(root);
    const said = window && (await text('xprop', ['-id', window, '_NET_WM_STATE', '_NET_WM_PID'], signal));
    const fills = said !== null && fillsScreen(said, process.pid);
    // Under Wayland an X display knows some programs only: its yes counts, its no says nothing.
    return fills || !env.WAYLAND_DISPLAY ? fills : null;
  }

  async function idleSeconds(signal: AbortSignal): Promise<number | null> {
    if (platform === 'darwin')
      return told(await text('ioreg', ['-c', 'IOHIDSystem', '-d', '4'], signal), ioregSeconds);
    if (platform !== 'linux') return null;
    const byX = env.DISPLAY && !env.WAYLAND_DISPLAY ? await text('xprintidle', [], signal) : null;
    return (
      told(byX, xprintidleSeconds) ??
      told(await text('busctl', IDLE_HINT, signal), (said) => logindSeconds(said, place.wallMs()))
    );
  }

  async function programs(signal: AbortSignal): Promise<readonly Program[] | null> {
    if (platform === 'linux') return procPrograms(proc, signal);
    if (platform === 'win32')
      return told(await text('tasklist', ['/fo', 'csv', '/nh'], signal), (said) =>
        tasklistPrograms(said, basename(process.execPath)),
      );
    return told(await text('ps', ['-axo', 'pid=,ppid=,comm='], signal), psPrograms);
  }

  const { nowMs } = place;
  // A kernel's own files cost next to nothing; a tool is a process.
  const isLinux = platform === 'linux';
  const slow = {
    onBattery: atMost(onBattery, isLinux ? 0 : DESK_TOOL_EVERY_MS, nowMs),
    isFullScreen: atMost(isFullScreen, 0, nowMs),
    idleSeconds: atMost(idleSeconds, DESK_TOOL_EVERY_MS, nowMs),
    programs: atMost(programs, isLinux ? 0 : DESK_TOOL_EVERY_MS, nowMs),
  };
  return {
    async read(wanted, listed, signal) {
      const all = wanted.apps ? await slow.programs(signal) : null;
      return {
        onBattery: wanted.onBattery ? await slow.onBattery(signal) : null,
        isFullScreen: wanted.isFullScreen ? await slow.isFullScreen(signal) : null,
        idleSeconds: wanted.idleSeconds ? await slow.idleSeconds(signal) : null,
        apps: all && runningOf(listed, all, process.pid),
      };
    },
  };
}

const told = <T>(text: string | null, parse: (text: string) => T | null): T | null =>
  text === null ? null : parse(text);

/** The same answer again until so much time has passed. */
function atMost<T>(
  read: (signal: AbortSignal) => Promise<T>,
  everyMs: number,
  nowMs: () => number,
): (signal: AbortSignal) => Promise<T> {
  let last: { readonly atMs: number; readonly value: T } | null = null;
  return async (signal) => {
    if (last && nowMs() - last.atMs < everyMs) return last.value;
    const value = await read(signal);
    if (!signal.aborted) last = { atMs: nowMs(), value };
    return value;
  };
}
