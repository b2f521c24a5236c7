import { app, safeStorage } from 'electron';
import type { Keychain } from '../../host.ts';

/**
 * The system's keychain as Electron uses it: DPAPI, the macOS Keychain, a secret service or KWallet. On a Linux without one
 * Electron would lock with a password that stands in its sources, which locks nothing, so that counts as none.
 * @returns null where there is none
 */
export async function systemKeychain(): Promise<Keychain | null> {
  await app.whenReady();
  // Electron of before 45, in which tests run where no other can be had, has no such call.
  if (!('isAsyncEncryptionAvailable' in safeStorage)) return null;
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
  const locksNothing = ['basic_text', 'unknown'];
  if (process.platform === 'linux' && locksNothing.includes(safeStorage.getSelectedStorageBackend()))
    return null;
  return {
    lock: (text) => safeStorage.encryptStringAsync(text),
    async open(locked) {
      const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(locked));
      return { text: result, isStale: shouldReEncrypt };
    },
  };
}
