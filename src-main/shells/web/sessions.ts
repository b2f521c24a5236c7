import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../../../src-node/sha256.ts';
import type { PageCredential } from '../../../src-shared/contract/page/wire.ts';
import { KEY_OVERLAP_MS, SESSION_KEPT_MS, SESSION_KEYS } from '../limits.ts';
import type { KeptKey } from './page-file.ts';

/**
 * Who may speak to the host. The file's token opens one session and is replaced by the next at once; the terminal's
 * opens as many as are wanted while this host runs, because what stands on a terminal cannot be taken back. A session
 * has a key; keys outlive a restart as digests, for a bounded time, and are replaced when they come back.
 */
export interface Sessions {
  /** The token in the redirect file: the next page that is opened from there has to bring it. */
  readonly fileToken: string;
  /** The token of the address on the terminal. */
  readonly terminalToken: string;
  /** @returns the session key of a welcome page from now on, or null. Spends the file's token. */
  admit(credential: PageCredential | null): string | null;
  /** Gives the keys of pages that are connected now their whole time. */
  seen(keys: Iterable<string>): void;
  /** What may be written down. */
  kept(): readonly KeptKey[];
}

export interface SessionsOptions {
  /** Keys of an earlier run. */
  readonly kept: readonly KeptKey[];
  /** Told of each token of the file after the first one. */
  onFileToken(token: string): void;
  /** Told when `kept()` has changed. */
  onKept(): void;
  /** Time of day. */
  now(): number;
}

interface Known extends KeptKey {
  /** Keys of an earlier run are replaced when they come. */
  readonly run: 'earlier' | 'this';
}

const secret = (): string => randomBytes(32).toString('base64url');

export function newSessions({ kept, onFileToken, onKept, now }: SessionsOptions): Sessions {
  const isAhead = ({ expiresAtMs }: KeptKey) => expiresAtMs > now() && expiresAtMs <= now() + SESSION_KEPT_MS;
  const terminalToken = secret();
  let keys: Known[] = kept.filter(isAhead).map((key) => ({ ...key, run: 'earlier' }));
  let fileToken = secret();

  function newKey(): string {
    const key = secret();
    keys.push({ digest: sha256Hex(key), expiresAtMs: now() + SESSION_KEPT_MS, run: 'this' });
    keys = keys.filter(({ run, expiresAtMs }) => run === 'this' || expiresAtMs > now()).slice(-SESSION_KEYS);
    onKept();
    return key;
  }

  function comeBack(candidate: string): string | null {
    const found = known(keys, sha256Hex(candidate));
    if (!found) return null;
    if (found.run === 'this') return candidate;
    if (!isAhead(found)) return null;
    const expiresAtMs = Math.min(found.expiresAtMs, now() + KEY_OVERLAP_MS);
    keys = keys.map((key) => (key === found ? { ...found, expiresAtMs } : key));
    return newKey();
  }

  return {
    get fileToken() {
      return fileToken;
    },
    terminalToken,
    admit(credential) {
      if (!credential) return null;
      if (credential.kind === 'session') return comeBack(credential.secret);
      if (same(terminalToken, credential.secret)) return newKey();
      if (!same(fileToken, credential.secret)) return null;
      fileToken = secret();
      onFileToken(fileToken);
      return newKey();
    },
    seen(connected) {
      const digests = new Set<string>([...connected].map((key) => sha256Hex(key)));
      keys = keys.map((key) =>
        digests.has(key.digest) ? { ...key, expiresAtMs: now() + SESSION_KEPT_MS } : key,
      );
      onKept();
    },
    kept: () => keys.map(({ digest, expiresAtMs }) => ({ digest, expiresAtMs })),
  };
}

/** Compares with every key, so that time does not tell which one came close. */
function known(keys: readonly Known[], digest: string): Known | null {
  let found: Known | null = null;
  for (const key of keys) if (same(key.digest, digest)) found = key;
  return found;
}

function same(own: string, candidate: string): boolean {
  const a = Buffer.from(own);
  const b = Buffer.from(candidate);
  return a.length === b.length && timingSafeEqual(a, b);
}
