import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DeskPlace, deskReader, thisDesk, type Wanted } from '../../../src-main/rules/desk-reader.ts';
import { activeWindow, fillsScreen, tellsActive } from '../../../src-main/rules/full-screen.ts';
import { ioregSeconds, logindSeconds, xprintidleSeconds } from '../../../src-main/rules/idle.ts';
import { DESK_TOOL_EVERY_MS } from '../../../src-main/rules/limits.ts';
import { onBatteryOf, pmsetOnBattery } from '../../../src-main/rules/power.ts';
import { psPrograms, runningOf, tasklistPrograms } from '../../../src-main/rules/programs.ts';
import type { ToolAnswer } from '../../../src-main/telemetry/tool.ts';
import { soon } from '../../soon.ts';

const { signal } = new AbortController();
const nothing: Wanted = { onBattery: false, isFullScreen: false, idleSeconds: false, apps: false };

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'butterfly-desk-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A place whose tools answer from a table, and count. */
function place(answers: Readonly<Record<string, string>>, over: Partial<DeskPlace> = {}) {
  const asked: string[] = [];
  const clock = { ms: 0 };
  const ask = async (file: string, words: readonly string[]): Promise<ToolAnswer> => {
    const line = [file, ...words].join(' ');
    asked.push(line);
    const key = Object.keys(answers).find((one) => line.startsWith(one));
    return key === undefined ? 'absent' : { text: answers[key] ?? '' };
  };
  const at: DeskPlace = {
    ...thisDesk,
    platform: 'linux',
    env: {},
    ask,
    nowMs: () => clock.ms,
    wallMs: () => 2_000_000,
    ...over,
  };
  return { reader: deskReader(at), asked, clock };
}

describe('the power that a Linux kernel shows', () => {
  const battery = { type: 'Battery', online: '', status: 'Discharging', scope: '' };
  const plug = { type: 'Mains', online: '1', status: '', scope: '' };

  it('comes from a battery where no plug has any and one empties', () => {
    expect(onBatteryOf([battery])).toBe(true);
    expect(onBatteryOf([battery, { ...plug, online: '0' }])).toBe(true);
    expect(onBatteryOf([battery, plug])).toBe(false);
    expect(onBatteryOf([{ ...battery, status: 'Charging' }])).toBe(false);
    expect(onBatteryOf([])).toBe(false);
  });

  it('has nothing to do with the battery of a mouse', () => {
    expect(onBatteryOf([{ ...battery, scope: 'Device' }])).toBe(false);
  });

  it('is read from its folder, and not known without one', async () => {
    const sys = await folder();
    const at = join(sys, 'class/power_supply/BAT0');
    const read = async () =>
      (await place({}, { sys }).reader.read({ ...nothing, onBattery: true }, [], signal)).onBattery;
    expect(await read()).toBeNull();
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'type'), 'Battery\n');
    await writeFile(join(at, 'status'), 'Discharging\n');
    expect(await read()).toBe(true);
    await writeFile(join(at, 'status'), 'Full\n');
    expect(await read()).toBe(false);
  });

  it('is told by a tool of macOS', () => {
    expect(
      pmsetOnBattery("Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t74%; discharging"),
    ).toBe(true);
    expect(pmsetOnBattery("Now drawing from 'AC Power'\n")).toBe(false);
    expect(pmsetOnBattery('nonsense')).toBeNull();
  });
});

describe('listed programs', () => {
  it.runIf(process.platform === 'linux')(
    'are found under the name of their file, real ones, and not where they are our own',
    async () => {
      const bin = await folder();
      const long = join(bin, 'Space-Game-With-A-Long-Name.x86_64');
      await copyFile('/bin/sleep', long);
      await chmod(long, 0o700);
      const wanted = { ...nothing, apps: true };
      const listed = ['space-game-with-a-long-name.x86_64', 'no-such-program'];
      const look = async () =>
        (await deskReader({ ...thisDesk, platform: 'linux' }).read(wanted, listed, signal)).apps;
      expect(await look()).toEqual([]);
      const own = spawn(long, ['60'], { stdio: 'ignore' });
      onTestFinished(() => void own.kill('SIGKILL'));
      expect(await look()).toEqual([]);
      // Through a shell that is gone by then: its parent is the first process, or whoever looks after orphans.
      const shell = spawn('/bin/sh', ['-c', `"${long}" 60 >/dev/null 2>&1 & echo $!`], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const pid = await new Promise<number>((resolve) =>
        shell.stdout.once('data', (text) => resolve(Number(text))),
      );
      onTestFinished(() => void process.kill(pid, 'SIGKILL'));
      await soon(async () => expect(await look()).toEqual([listed[0]]));
    },
  );

  it('are known by what a process calls itself too, whatever is in the name', async () => {
    const proc = await folder();
    const process_ = async (pid: number, stat: string, exe: string | null) => {
      await mkdir(join(proc, String(pid)));
      await writeFile(join(proc, String(pid), 'stat'), stat);
      if (exe) await symlink(exe, join(proc, String(pid), 'exe'));
    };
    await process_(1, '1 (init) S 0 1 1 0', '/sbin/init');
    await process_(20, '20 (a) (b.exe) S 1 20 20 0', '/usr/bin/wine64-preloader');
    await process_(21, '21 (vlc) S 1 21 21 0', null);
    await process_(22, '22 (old) S 1 22 22 0', '/opt/blender (deleted)');
    await process_(23, 'nonsense', null);
    const { reader } = place({}, { proc });
    const listed = ['A) (B', 'VLC.exe', 'blender', 'gone'];
    expect((await reader.read({ ...nothing, apps: true }, listed, signal)).apps).toEqual([
      'A) (B',
      'VLC.exe',
      'blender',
    ]);
    expect(
      (await place({}, { proc: join(proc, 'none') }).reader.read({ ...nothing, apps: true }, listed, signal))
        .apps,
    ).toBeNull();
  });

  it('are told apart from our own on macOS by who began them', () => {
    const programs = psPrograms(
      '    1     0 /sbin/launchd\n  100     1 /Applications/VLC.app/Contents/MacOS/VLC\n  200     1 butterfly\n  201   200 /usr/local/bin/node\nnonsense\n',
    );
    expect(runningOf(['vlc', 'node'], programs, 200)).toEqual(['vlc']);
    expect(runningOf(['vlc', 'node'], programs, 1)).toEqual([]);
  });

  it('are told apart from our own on Windows by their name', () => {
    const text =
      '"System Idle Process","0","Services","0","8 K"\r\n"Game.exe","4711","Console","1","2,048 K"\r\n"node.exe","12","Console","1","1 K"\r\n';
    const programs = tasklistPrograms(text, 'Node.exe');
    expect(runningOf(['game', 'node.exe'], programs, 1)).toEqual(['game']);
  });
});

describe('a program in full screen', () => {
  const root = '_NET_ACTIVE_WINDOW(WINDOW): window id # 0x2a00007\n';
  const full =
    '_NET_WM_STATE(ATOM) = _NET_WM_STATE_FOCUSED, _NET_WM_STATE_FULLSCREEN\n_NET_WM_PID(CARDINAL) = 4711\n';

  it('is what an X display says of the window in front', () => {
    expect([activeWindow(root), tellsActive(root)]).toEqual(['0x2a00007', true]);
    expect(activeWindow('_NET_ACTIVE_WINDOW(WINDOW): window id # 0x0\n')).toBeNull();
    expect(tellsActive('_NET_ACTIVE_WINDOW:  no such atom on any window.\n')).toBe(false);
    expect(fillsScreen(full, 1)).toBe(true);
    expect(fillsScreen(full, 4711)).toBe(false);
    expect(fillsScreen('_NET_WM_STATE(ATOM) = _NET_WM_STATE_FOCUSED\n', 1)).toBe(false);
  });

  it('is not known without a display, or without anybody who manages its windows; under Wayland a no says nothing', async () => {
    const wanted = { ...nothing, isFullScreen: true };
    const X = { DISPLAY: ':0' };
    const tools = { 'xprop -root': root, 'xprop -id 0x2a00007': full };
    const read = async (answers: Record<string, string>, env: DeskPlace['env']) =>
      (await place(answers, { env }).reader.read(wanted, [], signal)).isFullScreen;
    expect(await read(tools, {})).toBeNull();
    expect(await read({}, X)).toBeNull();
    expect(await read({ 'xprop -root': '_NET_ACTIVE_WINDOW:  not found.' }, X)).toBeNull();
    expect(await read(tools, X)).toBe(true);
    const none = { 'xprop -root': '_NET_ACTIVE_WINDOW(WINDOW): window id # 0x0\n' };
    expect(await read(none, X)).toBe(false);
    expect(await read(none, { ...X, WAYLAND_DISPLAY: 'wayland-0' })).toBeNull();
    expect(await read(tools, { ...X, WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  });
});

describe('how long nobody touched it', () => {
  it('is what the tools of each system print', () => {
    expect(xprintidleSeconds('61234\n')).toBe(61);
    expect(logindSeconds('b true\nt 1900000000\n', 2_000_000)).toBe(100);
    expect(logindSeconds('b false\nt 0\n', 2_000_000)).toBe(0);
    expect(ioregSeconds('    "HIDIdleTime" = 61234567890\n')).toBe(61);
    for (const parse of [xprintidleSeconds, ioregSeconds, (text: string) => logindSeconds(text, 0)])
      expect(parse('Failed to connect to bus')).toBeNull();
  });

  it('is asked of a tool now and then only, and not known where there is none', async () => {
    const wanted = { ...nothing, idleSeconds: true };
    const { reader, asked, clock } = place({ busctl: 'b true\nt 1900000000\n' });
    const read = async () => (await reader.read(wanted, [], signal)).idleSeconds;
    expect([await read(), await read()]).toEqual([100, 100]);
    expect(asked).toHaveLength(1);
    clock.ms = DESK_TOOL_EVERY_MS;
    await read();
    expect(asked).toHaveLength(2);
    expect((await place({}).reader.read(wanted, [], signal)).idleSeconds).toBeNull();
    expect((await place({}, { platform: 'win32' }).reader.read(wanted, [], signal)).idleSeconds).toBeNull();
  });
});

it('nothing is read that nobody wants', async () => {
  const { reader, asked } = place({}, { env: { DISPLAY: ':0' } });
  expect(await reader.read(nothing, ['vlc'], signal)).toEqual({
    onBattery: null,
    isFullScreen: null,
    idleSeconds: null,
    apps: null,
  });
  expect(asked).toEqual([]);
});
