import { blake2b } from '@noble/hashes/blake2.js';
import { concat, fromHex, toHex } from '../scale/hex.ts';
import { compactBytes } from '../scale/wire.ts';
import type { Change } from './history.ts';

export interface Header {
  readonly parentHash: string;
  readonly number: number;
  readonly stateRoot: string;
  readonly extrinsicsRoot: string;
}

export interface Block {
  readonly hash: string;
  readonly header: Header;
  /** Each with its length prefix. */
  readonly extrinsics: readonly Uint8Array[];
}

export const hash256 = (bytes: Uint8Array): Uint8Array => blake2b(bytes, { dkLen: 32 });

/** Clients compute this too, and sign over it. The digest is empty. */
export const headerHash = (header: Header): string =>
  toHex(
    hash256(
      concat(
        fromHex(header.parentHash),
        compactBytes(BigInt(header.number)),
        fromHex(header.stateRoot),
        fromHex(header.extrinsicsRoot),
        compactBytes(0n),
      ),
    ),
  );

/** As JSON-RPC writes it: the number in hex without leading zeros. */
export const headerJson = (header: Header) => ({
  ...header,
  number: `0x${header.number.toString(16)}`,
  digest: { logs: [] },
});

/** Not a trie root: a chain of digests over each block's changes, which tells two states apart. */
export function stateRoot(parentRoot: string, changes: readonly Change[]): string {
  const hash = blake2b.create({ dkLen: 32 }).update(fromHex(parentRoot));
  for (const [key, value] of changes) {
    const name = fromHex(key);
    hash.update(compactBytes(BigInt(name.length))).update(name);
    hash.update(
      value === null ? Uint8Array.of(0) : concat(Uint8Array.of(1), compactBytes(BigInt(value.length)), value),
    );
  }
  return toHex(hash.digest());
}

export const extrinsicsRoot = (extrinsics: readonly Uint8Array[]): string =>
  toHex(hash256(concat(...extrinsics)));
