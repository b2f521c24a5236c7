/**
 * Who trains on what: rule `data/v1`. Pages follow from public values by SHA-256 and integer arithmetic, so
 * that anybody can name the pages of anybody, and the block hash keeps them unknown until the window opens.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** Assigned pages are a miner's own; random ones are a validator's comparison, drawn with a secret nonce. */
export type PagePurpose = { readonly kind: 'assigned' } | { readonly kind: 'random'; readonly nonce: string };

export type PageWindow = {
  /** SHA-256 of the dataset's manifest, hex. */
  readonly manifestHash: string;
  /** SHA-256 of the profile's consensus part, hex. */
  readonly profileHash: string;
  readonly round: number;
  readonly hotkey: string;
  /** Counts the windows of a round from 0: pages beyond the first draw of a fast miner. */
  readonly window: number;
  /** Hash of the block that opens the window, hex. */
  readonly blockHash: string;
  readonly purpose: PagePurpose;
};

const DOMAINS = { assigned: 'butterfly/data/v1/assigned', random: 'butterfly/data/v1/random' } as const;
const DIGEST_BYTES = 32;

/** 32 bytes from which the pages of a window are drawn. Texts are preceded by their length, numbers are u32 LE. */
export function pageSeed({ purpose, ...window }: PageWindow): Uint8Array {
  return sha256(
    concatBytes(
      text(DOMAINS[purpose.kind]),
      digest(window.manifestHash),
      digest(window.profileHash),
      u32(window.round),
      text(window.hotkey),
      u32(window.window),
      digest(window.blockHash),
      purpose.kind === 'random' ? text(purpose.nonce) : new Uint8Array(0),
    ),
  );
}

/** Draw `k` of a seed: the first two u64 LE of SHA-256(seed, k). Text in one row needs the first alone. */
export interface DrawPair {
  readonly first: bigint;
  readonly second: bigint;
}

export function drawPair(seed: Uint8Array, k: number): DrawPair {
  const bytes = sha256(concatBytes(seed, u32(k)));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { first: view.getBigUint64(0, true), second: view.getBigUint64(8, true) };
}

/** A u64 as a number in [0, size): times `size`, shifted right by 64. The bias is below size / 2^64. */
export function scaled(value: bigint, size: number): number {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`nothing to draw from ${size}`);
  return Number((value * BigInt(size)) >> 64n);
}

/** Draw `k` of a seed as a number in [0, size). */
export const draw = (seed: Uint8Array, k: number, size: number): number =>
  scaled(drawPair(seed, k).first, size);

/** Row groups of a shard that can be drawn: a page's number is shard * 65,536 + row group. */
export const ROW_GROUPS_MAX = 65_536;

export const pageOf = (shard: number, rowGroup: number): number => shard * ROW_GROUPS_MAX + rowGroup;

export const shardOf = (page: number): number => Math.floor(page / ROW_GROUPS_MAX);

export const rowGroupOf = (page: number): number => page % ROW_GROUPS_MAX;

/** Text in shards: which one a draw means, before anything of it need be known. */
export const drawnShard = ({ first }: DrawPair, shards: number): number => scaled(first, shards);

/** And the page in it, by what the shard's own footer says. One without row groups gives a page without text. */
export const drawnPage = ({ second }: DrawPair, shard: number, rowGroups: number): number =>
  pageOf(shard, rowGroups === 0 ? 0 : scaled(second, rowGroups));

/** The first `count` pages of a window, in the order in which they are worked off. A page may come twice. */
export function pagesOf(window: PageWindow, pageCount: number, count: number): number[] {
  const seed = pageSeed(window);
  return Array.from({ length: count }, (_, k) => draw(seed, k, pageCount));
}

function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`${value} is no u32`);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function text(value: string): Uint8Array {
  const bytes = utf8ToBytes(value);
  return concatBytes(u32(bytes.length), bytes);
}

function digest(value: string): Uint8Array {
  const bytes = hexToBytes(value.startsWith('0x') ? value.slice(2) : value);
  if (bytes.length !== DIGEST_BYTES)
    throw new RangeError(`a digest has ${DIGEST_BYTES} bytes, not ${bytes.length}`);
  return bytes;
}
