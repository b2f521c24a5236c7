import type { Hex } from '../../src-shared/units.ts';

/** Who may say what a release is, and where that is asked for. */
export interface ReleaseSource {
  /** Ed25519 public key of the makers, raw, 64 digits of hex. */
  readonly key: Hex;
  /** Address of the signed list; files of a release lie beside it. */
  readonly feed: string;
}

/**
 * Compiled in, and read from nowhere else: who could change it could have anything installed. There is no key yet, so
 * nobody is asked and nothing is fetched.
 */
export const RELEASE_SOURCE: ReleaseSource | null = null;
