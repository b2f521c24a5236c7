import { blake2b } from '@noble/hashes/blake2.js';
import { concat, fromHex, toHex } from '../scale/hex.ts';
import { compactBytes, uintBytes } from '../scale/wire.ts';

/**
 * Accounts without a key. Each is the BLAKE2b-256 of what stands behind it under a label, as Substrate's pallets make
 * them: others compute the same addresses off the chain.
 */
const accountOf = (label: string, ...parts: readonly Uint8Array[]): string =>
  toHex(blake2b(concat(new TextEncoder().encode(label), ...parts), { dkLen: 32 }));

const u16 = (value: number): Uint8Array => uintBytes(BigInt(value), 2);
const u32 = (value: number): Uint8Array => uintBytes(BigInt(value), 4);

/** Acts when so many of these agree. @param signatories all of them, sorted */
export const multisigAccount = (signatories: readonly string[], threshold: number): string =>
  accountOf(
    'modlpy/utilisuba',
    compactBytes(BigInt(signatories.length)),
    ...signatories.map(fromHex),
    u16(threshold),
  );

/** One of an account's own 65,536 under-accounts. */
export const derivativeAccount = (who: string, index: number): string =>
  accountOf('modlpy/utilisuba', fromHex(who), u16(index));

export interface PureSpawn {
  readonly spawner: string;
  /** Block and extrinsic that it was made in. */
  readonly height: number;
  readonly extrinsic: number;
  /** Encoded. */
  readonly proxyType: Uint8Array;
  readonly index: number;
}

/** Reached through its proxies alone. */
export const pureAccount = ({ spawner, height, extrinsic, proxyType, index }: PureSpawn): string =>
  accountOf('modlpy/proxy____', fromHex(spawner), u32(height), u32(extrinsic), proxyType, u16(index));
