import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLoginStart } from '../../../../src-main/login-start.ts';
import { autostartEntry, isOnEntry } from '../../../../src-main/shells/electron/autostart-entry.ts';
import { app, electron, resetElectron } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { loginItem } = await import('../../../../src-main/shells/electron/login-item.ts');

let config = '';
beforeEach(async () => {
  resetElectron();
  config = await mkdtemp(join(tmpdir(), 'butterfly-login-'));
  vi.stubEnv('XDG_CONFIG_HOME', config);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  app.isPackaged = true;
  await rm(config, { recursive: true });
});
const on = (platform: NodeJS.Platform) =>
  vi.stubGlobal('process', { ...process, platform, env: process.env });

describe('the autostart file of a Linux desktop', () => {
  const path = () => join(config, 'autostart', 'butterfly.desktop');

  it('is written when it is wished for, and taken away again', async () => {
    on('linux');
    const item = loginItem(['--data-dir', '/my data']);
    expect(await item?.read()).toBe(false);
    await item?.write(true);
    expect(await readFile(path(), 'utf8')).toContain('"--data-dir" "/my data" "--in-tray"');
    expect(await item?.read()).toBe(true);
    await item?.write(false);
    expect(await item?.read()).toBe(false);
    await item?.write(false);
  });

  it('names the AppImage, whose mount is gone after it', async () => {
    on('linux');
    vi.stubEnv('APPIMAGE', '/apps/Butterfly.AppImage');
    await loginItem([])?.write(true);
    expect(await readFile(path(), 'utf8')).toContain('Exec="/apps/Butterfly.AppImage" "--in-tray"\n');
  });

  it.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
    'that the desktop turned off by %s is off, and stays as it is',
    async (line) => {
      on('linux');
      const item = loginItem([]);
      await item?.write(true);
      const turnedOff = `${(await readFile(path(), 'utf8')).replace('X-GNOME-Autostart-enabled=true\n', '')}${line}\n`;
      await writeFile(path(), turnedOff);
      expect(await loginItem([])?.read()).toBe(false);
      expect(await readFile(path(), 'utf8')).toBe(turnedOff);
    },
  );

  it('quotes what a path may hold', () => {
    const entry = autostartEntry('/opt/a "b" $c/`d`\\e 5%', []);
    expect(entry).toContain('Exec="/opt/a \\\\"b\\\\" \\\\$c/\\\\`d\\\\`\\\\\\\\e 5%%"');
    expect(isOnEntry(entry)).toBe(true);
    expect(isOnEntry('')).toBe(false);
  });
});

describe('the login item of other systems', () => {
  it('is read back as the system has it', async () => {
    on('win32');
    const item = loginItem([]);
    await item?.write(true);
    expect(electron.login.set).toEqual([{ openAtLogin: true, args: ['--in-tray'] }]);
    expect(await item?.read()).toBe(true);
    // In the Task Manager.
    electron.login.executableWillLaunchAtLogin = false;
    expect(await item?.read()).toBe(false);
    on('darwin');
    expect(await loginItem([])?.read()).toBe(true);
  });

  it('is none for an app that runs from its folder', () => {
    app.isPackaged = false;
    expect(loginItem([])).toBeNull();
  });
});

describe('starting at login', () => {
  it('is unknown and refused where no shell has an entry for it', async () => {
    const login = openLoginStart();
    expect(await login.startsAtLogin()).toBeNull();
    await expect(login.setStartsAtLogin(true)).rejects.toMatchObject({ code: 'LOGIN_START_UNAVAILABLE' });
  });

  it('is what the system says, also against what was asked', async () => {
    const login = openLoginStart();
    const write = vi.fn(async () => {});
    login.offer({ read: async () => false, write });
    expect(await login.setStartsAtLogin(true)).toBe(false);
    expect(write).toHaveBeenCalledWith(true);
  });
});
