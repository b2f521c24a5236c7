import { encodeAddress } from '@polkadot/util-crypto';
import { sha256 } from '../../src-node/sha256.ts';

const SS58_PREFIX = 42;

/** Addresses that nobody has a key of, the same at every run. */
export const keysOf = (count: number): string[] =>
  Array.from({ length: count + 1 }, (_, i) => encodeAddress(sha256(`bench key ${i}`), SS58_PREFIX));
