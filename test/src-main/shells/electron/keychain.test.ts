import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { electron, resetElectron, safeStorage } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { systemKeychain } = await import('../../../../src-main/shells/electron/keychain.ts');

beforeEach(resetElectron);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
const on = (platform: NodeJS.Platform) => vi.stubGlobal('process', { ...process, platform });

it('locks, opens, and says whether its key was exchanged', async () => {
  on('linux');
  const keychain = await systemKeychain();
  const locked = await keychain?.lock('a token');
  expect(Buffer.from(locked ?? []).toString()).not.toContain('a token');
  expect(await keychain?.open(locked ?? new Uint8Array())).toEqual({ text: 'a token', isStale: false });
  electron.keychain.isStale = true;
  expect(await keychain?.open(locked ?? new Uint8Array())).toMatchObject({ isStale: true });
});

it.each(['basic_text', 'unknown'])('is none on a Linux whose Electron locks by %s', async (backend) => {
  electron.keychain.backend = backend;
  on('linux');
  expect(await systemKeychain()).toBeNull();
  on('darwin');
  expect(await systemKeychain()).not.toBeNull();
});

it('is none where the system does not offer it', async () => {
  electron.keychain.isAvailable = false;
  expect(await systemKeychain()).toBeNull();
});

it('is none in an Electron that only knows the older calls', async () => {
  on('linux');
  const { isAsyncEncryptionAvailable } = safeStorage;
  Reflect.deleteProperty(safeStorage, 'isAsyncEncryptionAvailable');
  try {
    expect(await systemKeychain()).toBeNull();
  } finally {
    Object.assign(safeStorage, { isAsyncEncryptionAvailable });
  }
});
