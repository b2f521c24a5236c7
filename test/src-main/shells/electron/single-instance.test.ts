import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { electron, resetElectron } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { isOnlyInstance } = await import('../../../../src-main/shells/electron/single-instance.ts');

let folder = '';
beforeEach(async () => {
  resetElectron();
  folder = await mkdtemp(join(tmpdir(), 'butterfly-single-'));
  electron.paths.userData = folder;
});
afterEach(() => rm(folder, { recursive: true }));

it('one app has the usual data folder, in the folder that Electron always had', () => {
  expect(isOnlyInstance('/usual', true)).toBe(true);
  expect(electron.paths.userData).toBe(folder);
  electron.isOnly = false;
  expect(isOnlyInstance('/usual', true, { file: '/a.butterfly-run' })).toBe(false);
  expect(electron.saidToRunning).toEqual({ file: '/a.butterfly-run' });
});

it('each other data folder has an app of its own, the same at each start', () => {
  const own = ['/a', '/b', '/a'].map((dataDir) => {
    electron.paths.userData = folder;
    isOnlyInstance(dataDir, false);
    return electron.paths.userData ?? '';
  });
  expect(own[0]).toBe(own[2]);
  expect(own[0]).not.toBe(own[1]);
  expect(own.every((path) => path.startsWith(folder) && existsSync(path))).toBe(true);
});
