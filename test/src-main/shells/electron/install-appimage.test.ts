import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { appInstaller } from '../../../../src-main/shells/electron/install-update.ts';
import type { ReleaseFile } from '../../../../src-main/updates/feed.ts';
import { type ServedRelease, serveRelease } from '../../../../src-main/updates/serve-release.ts';

/** An Electron of which there is only what electron-updater asks: all else here is the real thing. */
const electron = vi.hoisted(() => ({
  said: [] as unknown[],
  userData: '',
  app: {
    isPackaged: true,
    getVersion: () => '0.1.0',
    getName: () => 'Butterfly',
    getPath: () => electron.userData,
    whenReady: async () => undefined,
    quit: () => void electron.said.push('quit'),
    exit: (code: number) => void electron.said.push(['exit', code]),
    relaunch: (how: unknown) => void electron.said.push(['relaunch', how]),
  },
}));
vi.mock('electron', () => ({ app: electron.app }));

const VERSION = '0.2.0';
const { signal } = new AbortController();
let folder = '';
let appImage = '';
let served: ServedRelease | null = null;

/** The library asks for Electron in its own way, which a plain Node would look for on the disk. */
function standIn(): void {
  const { resolve, cache } = createRequire(import.meta.url);
  const name = resolve('electron');
  cache[name] = Object.assign(Object.create(null), {
    id: name,
    filename: name,
    loaded: true,
    exports: {
      app: electron.app,
      autoUpdater: { emit: () => undefined },
      net: { request: http.request },
      session: { fromPartition: () => ({}) },
    },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-appimage-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('HOME', folder);
  electron.userData = join(folder, 'user');
  Object.assign(process, { resourcesPath: folder });
  await writeFile(join(folder, 'app-update.yml'), 'updaterCacheDirName: butterfly-updater\n');
  standIn();
});
beforeEach(async () => {
  electron.said.splice(0);
  await served?.stop();
  await rm(join(folder, 'cache'), { recursive: true, force: true });
  await mkdir(join(folder, 'apps'), { recursive: true });
  // A name with no version in it stays.
  appImage = join(folder, 'apps', 'Butterfly.AppImage');
  await writeFile(appImage, '#!/bin/sh\n# the old one\n');
  await chmod(appImage, 0o755);
  vi.stubEnv('APPIMAGE', appImage);
  // It installs once in a process, which ends with that; here it goes on.
  const { default: library } = await import('electron-updater');
  const updater = Object.assign(library.autoUpdater, { quitAndInstallCalled: false });
  for (const ours of updater.listeners('error').slice(1)) updater.removeListener('error', ours as () => void);
});
afterAll(async () => {
  await served?.stop();
  Reflect.deleteProperty(process, 'resourcesPath');
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Serves a program as the host does what it verified; it says where it was started once it is. */
async function release(change: Partial<ReleaseFile> = {}): Promise<{ address: string; started: string }> {
  const started = join(folder, 'started');
  await rm(started, { force: true });
  const path = join(folder, 'verified');
  const program = `#!/bin/sh\nprintf '%s' "$APPIMAGE_SILENT_INSTALL" > '${started}.part'\nmv '${started}.part' '${started}'\n`;
  await writeFile(path, program);
  const sha512 = createHash('sha512').update(program).digest('hex');
  const file = { name: `Butterfly-${VERSION}-linux-x64.AppImage`, bytes: program.length, sha512, ...change };
  served = await serveRelease(path, VERSION, file);
  return { address: served.address, started };
}

/** @returns what was told once the app had ended */
async function take(address: string): Promise<{ finish(): void; told: string[] }> {
  const told: string[] = [];
  const installer = appInstaller({ endWith: (act) => act(), told: ({ code }) => told.push(code) });
  return { finish: await installer.take(address, VERSION, signal), told };
}

describe.skipIf(process.platform !== 'linux')('an AppImage, by electron-updater itself', () => {
  it('is replaced by the new one, which starts, and the app quits', async () => {
    const { address, started } = await release();
    const { finish, told } = await take(address);
    expect(await readFile(appImage, 'utf8')).toContain('the old one');
    finish();
    await expect.poll(() => readFile(started, 'utf8').catch(() => null), { timeout: 20_000 }).toBe('true');
    expect(electron.said).toEqual(['quit']);
    expect(await readFile(appImage, 'utf8')).toContain(started);
    expect((await stat(appImage)).mode & 0o111).toBe(0o111);
    expect(told).toEqual([]);
  });

  it('stays where other bytes come than were signed', async () => {
    const { address } = await release({ sha512: 'ab'.repeat(64) });
    await expect(take(address)).rejects.toMatchObject({
      code: 'UPDATE_FILE_WRONG',
      params: { version: VERSION, why: 'another checksum' },
    });
    expect(await readFile(appImage, 'utf8')).toContain('the old one');
  });

  it('stays where the file is not there any more', async () => {
    const { address } = await release();
    await served?.stop();
    served = null;
    await expect(take(address)).rejects.toMatchObject({
      code: 'UPDATE_HAND_OVER_FAILED',
      params: { version: VERSION, why: expect.stringMatching(/^[A-Z_]+$/) },
    });
  });

  it('stays where its folder is none', async () => {
    const { address } = await release();
    vi.stubEnv('APPIMAGE', '/proc/self/fdinfo/none/Butterfly.AppImage');
    await expect(take(address)).rejects.toMatchObject({ params: { why: 'ENOENT' } });
  });

  it('that went away before the last moment is told, and the app starts again', async () => {
    const { address } = await release();
    const { finish, told } = await take(address);
    await unlink(appImage);
    finish();
    expect(told).toEqual(['UPDATE_HAND_OVER_FAILED']);
    expect(electron.said).toEqual([
      ['relaunch', { execPath: appImage, args: process.argv.slice(1) }],
      ['exit', 1],
    ]);
  });
});
