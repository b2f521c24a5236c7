import { blake2b } from '@noble/hashes/blake2.js';
import { concat, fromHex, joined, toHex } from '../scale/hex.ts';
import { compactBytes } from '../scale/wire.ts';
import type { Change } from './history.ts';

export interface Header {
  readonly parentHash: string;
  readonly number: number;
  readonly stateRoot: string;
  readonly extrinsicsRoot: string;
  /** Whether the block brings another runtime: its one log, by which clients know when to ask for metadata anew. */
  readonly bringsRuntime?: true;
}

export interface Block {
  readonly hash: string;
  readonly header: Header;
  /** Each with its length prefix. */
  readonly extrinsics: readonly Uint8Array[];
}

export const hash256 = (bytes: Uint8Array): Uint8Array => blake2b(bytes, { dkLen: 32 });

/** `RuntimeEnvironmentUpdated` among the kinds of a digest’s logs. */
const RUNTIME_UPDATED = 8;

const logsOf = ({ bringsRuntime }: Header): readonly Uint8Array[] =>
  bringsRuntime ? [Uint8Array.of(RUNTIME_UPDATED)] : [];

/** Clients compute this too, and sign over it. */
export const headerHash = (header: Header): string =>
  toHex(
    hash256(
      concat(
        fromHex(header.parentHash),
        compactBytes(BigInt(header.number)),
        fromHex(header.stateRoot),
        fromHex(header.extrinsicsRoot),
        compactBytes(BigInt(logsOf(header).length)),
        ...logsOf(header),
      ),
    ),
  );

/** As JSON-RPC writes it: the number in hex without leading zeros. */
export function headerJson(header: Header) {
  const { parentHash, number, stateRoot, extrinsicsRoot } = header;
  return {
    ...{ parentHash, number: `0x${number.toString(16)}`, stateRoot, extrinsicsRoot },
    digest: { logs: logsOf(header).map(toHex) },
  };
}

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
  toHex(hash256(joined(extrinsics)));
