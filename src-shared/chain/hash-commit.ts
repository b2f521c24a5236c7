import { blake2b } from '@noble/hashes/blake2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from '../units.ts';
import { encodeU16s, encodeU64 } from './timelock.ts';

/** Weights and what hides them until they are said. */
export interface SaltedWeights {
  /** 32 bytes of the hotkey's public key. */
  readonly hotkey: Uint8Array;
  readonly netuid: number;
  /** 0 is the first, and the only one on most subnets. */
  readonly mechanism: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  /** u16s that nobody can foresee. */
  readonly salt: readonly number[];
  readonly versionKey: bigint;
}

/** Mechanisms of one subnet lie so far apart where the chain keeps them. */
const MECHANISM_STRIDE = 4_096;

/**
 * What the chain is told of weights that are said later: BLAKE2b-256 of SCALE's `(hotkey, netuid + 4096 * mechanism,
 * uids, values, salt, version key)`, as Subtensor's `reveal_weights` computes it from what is said.
 * @throws {RangeError} for what has no such form: the caller's own mistake
 */
export function weightsHash(weights: SaltedWeights): Hex {
  const { hotkey, netuid, mechanism, uids, values, salt, versionKey } = weights;
  const index = netuid + MECHANISM_STRIDE * mechanism;
  if (hotkey.length !== 32) throw new RangeError('a hotkey has 32 bytes');
  if (uids.length !== values.length) throw new RangeError('one value for each uid');
  if (index > 65_535) throw new RangeError('no such mechanism of a subnet');
  const place = Uint8Array.of(index & 0xff, index >> 8);
  const lists = [uids, values, salt].map(encodeU16s);
  return hex(bytesToHex(blake2b(concatBytes(hotkey, place, ...lists, encodeU64(versionKey)), { dkLen: 32 })));
}
