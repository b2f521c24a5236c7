import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { PageCredential } from '../../../src-shared/contract/page/wire.ts';
import { SESSION_KEYS } from '../limits.ts';

/**
 * Who may speak to this run of the host. A token opens one session and is replaced by the next at once; session keys
 * hold until the host stops. Nothing is written down here, so a restarted host knows nobody.
 */
export interface Sessions {
  /** The token that the next new page has to bring. */
  readonly token: string;
  /** @returns the session key of a welcome page, or null. Spends the token. */
  admit(credential: PageCredential | null): string | null;
}

const secret = (): string => randomBytes(32).toString('base64url');

/** @param onToken told of each token after the first one */
export function newSessions(onToken: (token: string) => void): Sessions {
  const keys: string[] = [];
  let token = secret();
  return {
    get token() {
      return token;
    },
    admit(credential) {
      if (!credential) return null;
      if (credential.kind === 'session') return known(keys, credential.secret);
      if (!same(token, credential.secret)) return null;
      token = secret();
      const key = secret();
      keys.push(key);
      if (keys.length > SESSION_KEYS) keys.shift();
      onToken(token);
      return key;
    },
  };
}

/** Compares with every key, so that time does not tell which one came close. */
function known(keys: readonly string[], candidate: string): string | null {
  let found: string | null = null;
  for (const key of keys) if (same(key, candidate)) found = key;
  return found;
}

function same(own: string, candidate: string): boolean {
  const a = Buffer.from(own);
  const b = Buffer.from(candidate);
  return a.length === b.length && timingSafeEqual(a, b);
}
