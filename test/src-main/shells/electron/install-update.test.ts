import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appInstaller, type InstallerOptions } from '../../../../src-main/shells/electron/install-update.ts';

const electron = vi.hoisted(() => ({
  app: {
    isPackaged: true,
    relaunch: (how: unknown) => void electron.said.push(['relaunch', how]),
    exit: (code: number) => void electron.said.push(['exit', code]),
  },
  found: '0.2.0',
  said: [] as unknown[],
  /** What taking over fails with. */
  fault: null as Error | null,
  updater: {} as Record<string, unknown>,
  listening: [] as ((thrown: unknown) => void)[],
}));
vi.mock('electron', () => ({ app: electron.app }));
vi.mock('electron-updater', () => {
  const autoUpdater = Object.assign(electron.updater, {
    setFeedURL: (feed: unknown) => electron.said.push(feed),
    checkForUpdates: async () => ({ updateInfo: { version: electron.found } }),
    downloadUpdate: async () => {
      if (electron.fault) throw electron.fault;
      electron.said.push('download');
      return ['/cache/pending/Butterfly.exe'];
    },
    once: (_event: 'error', heard: (thrown: unknown) => void) => electron.listening.push(heard),
    quitAndInstall: (...how: unknown[]) => electron.said.push(['install', ...how]),
  });
  return { default: { autoUpdater } };
});

const nowhere = { endWith: () => undefined, told: () => undefined };
const { platform, arch } = process;
const on = (system: string, processor = 'x64') => {
  Object.defineProperty(process, 'platform', { value: system });
  Object.defineProperty(process, 'arch', { value: processor });
};
const { signal } = new AbortController();
beforeEach(() => {
  Object.assign(electron, { found: '0.2.0', fault: null, listening: [] });
  electron.app.isPackaged = true;
  electron.said.splice(0);
});
afterEach(() => {
  on(platform, arch);
  vi.unstubAllEnvs();
});

describe('the way to another version', () => {
  it.each([
    ['linux', 'x64', '/opt/Butterfly.AppImage', 'app', 'linux-x64-appimage'],
    ['linux', 'x64', '', 'package', null],
    ['win32', 'x64', '', 'app', 'win32-x64-nsis'],
    ['darwin', 'arm64', '', 'app', 'darwin-arm64-zip'],
    ['win32', 'arm64', '', 'package', null],
  ])('of %s %s (AppImage: “%s”) is %s', (system, processor, appImage, way, target) => {
    vi.stubEnv('APPIMAGE', appImage);
    on(system, processor);
    expect(appInstaller(nowhere)).toMatchObject({ way, target });
  });

  it('of an app that runs from its sources is other sources', () => {
    electron.app.isPackaged = false;
    expect(appInstaller(nowhere)).toMatchObject({ way: 'source', target: null });
  });
});

describe('the installer', () => {
  const take = (options: Partial<InstallerOptions> = {}) => {
    on('win32');
    return appInstaller({ ...nowhere, ...options }).take('http://127.0.0.1:1/secret', '0.2.0', signal);
  };

  it('asks this computer alone, does nothing by itself, and installs as the last thing', async () => {
    const ends: (() => void)[] = [];
    const finish = await take({ endWith: (act) => ends.push(act) });
    expect(electron.said).toEqual([{ provider: 'generic', url: 'http://127.0.0.1:1/secret' }, 'download']);
    expect(electron.updater).toMatchObject({
      ...{
        autoDownload: false,
        autoInstallOnAppQuit: false,
        allowDowngrade: false,
        disableDifferentialDownload: true,
      },
    });
    finish();
    expect(electron.said).toHaveLength(2);
    ends[0]?.();
    expect(electron.said.at(-1)).toEqual(['install', true, true]);
  });

  it('takes no other version over', async () => {
    electron.found = '0.1.9';
    await expect(take()).rejects.toMatchObject({
      code: 'UPDATE_HAND_OVER_FAILED',
      params: { version: '0.2.0', why: 'another version was found' },
    });
    expect(electron.said).not.toContain('download');
  });

  it('says in our words what it could not take over', async () => {
    electron.fault = Object.assign(new Error('write'), { code: 'ENOSPC', path: '/cache/pending/x.exe' });
    await expect(take()).rejects.toMatchObject({
      code: 'DISK_FULL',
      params: { path: '/cache/pending/x.exe' },
    });
  });

  it('starts the app again as it was where the last thing of all fails', async () => {
    const told: unknown[] = [];
    const finish = await take({ endWith: (act) => act(), told: ({ code }) => told.push(code) });
    finish();
    expect(electron.said.at(-1)).toEqual(['install', true, true]);
    electron.listening[0]?.(new Error('Code signature at URL file:///x did not pass validation'));
    expect(told).toEqual(['UPDATE_SIGNATURE_WRONG']);
    expect(electron.said.slice(-2)).toEqual([
      ['relaunch', {}],
      ['exit', 1],
    ]);
  });
});
