import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Keychain } from '../../src-main/vault/tokens/wrapped.ts';

/** A keychain that really locks, by a key that a test may take away or exchange. */
export class FakeKeychain implements Keychain {
  #keys = [randomBytes(32)];

  async lock(text: string): Promise<Uint8Array> {
    const iv = randomBytes(12);
    const [key = Buffer.alloc(32)] = this.#keys;
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  async open(locked: Uint8Array): Promise<{ readonly text: string; readonly isStale: boolean }> {
    for (const [age, key] of this.#keys.entries()) {
      const text = opened(key, locked);
      if (text !== null) return { text, isStale: age > 0 };
    }
    throw new Error('no key opens this');
  }

  /** A newer key locks from now on; what the older ones locked still opens. */
  exchangeKey(): void {
    this.#keys.unshift(randomBytes(32));
  }

  /** What older keys locked does not open any more. */
  dropOldKeys(): void {
    this.#keys.splice(1);
  }
}

function opened(key: Buffer, locked: Uint8Array): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, locked.subarray(0, 12));
    decipher.setAuthTag(locked.subarray(-16));
    return Buffer.concat([decipher.update(locked.subarray(12, -16)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
