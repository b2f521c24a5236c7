import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../../src-node/sha256.ts';
import type { PageCredential } from '../../../src-shared/contract/page/wire.ts';
import { SIGNING_TOKEN_MS } from '../limits.ts';

/** Who may speak from the signing window: the one that was opened last, and it alone. */
export interface NewestSession {
  /** A token for the next window. It holds for a minute, opens one session, and ends the token before. */
  issue(): string;
  /** @returns the key of the session from now on, or null. Spends the token, and ends the session before. */
  admit(credential: PageCredential | null): string | null;
}

const secret = (): string => randomBytes(32).toString('base64url');

/** @param now a clock that nobody sets, in milliseconds */
export function newestSession(now: () => number): NewestSession {
  let token: { readonly text: string; readonly untilMs: number } | null = null;
  let key: string | null = null;
  return {
    issue() {
      token = { text: secret(), untilMs: now() + SIGNING_TOKEN_MS };
      return token.text;
    },
    admit(credential) {
      if (!credential) return null;
      if (credential.kind === 'session') return key !== null && same(key, credential.secret) ? key : null;
      if (!token || now() > token.untilMs || !same(token.text, credential.secret)) return null;
      token = null;
      key = secret();
      return key;
    },
  };
}

/** Digests are of one length, whatever was offered. */
const same = (own: string, offered: string): boolean => timingSafeEqual(sha256(own), sha256(offered));
