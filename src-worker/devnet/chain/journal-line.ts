import { sha256Hex } from '../../../src-node/sha256.ts';
import { fromHex, toHex } from '../scale/hex.ts';
import type { Block, Header } from './header.ts';
import type { Change } from './history.ts';

/** One line of a journal file: a checksum, a blank, JSON. The first line of a file is a snapshot, the others blocks. */
export interface BlockRecord {
  readonly block: Block;
  readonly changes: readonly Change[];
  /** Time between blocks from this one on; null where blocks are sealed on request. */
  readonly blockMs: number | null;
}

export interface Snapshot {
  readonly block: Block;
  readonly genesisHash: string;
  readonly state: readonly Change[];
  /** Hashes of earlier blocks by number, for clients that ask. */
  readonly hashes: readonly (readonly [number, string])[];
  readonly blockMs: number | null;
}

const CHECKSUM_CHARS = 16;
const LINE_FEED = 10;
const LOOKS_LIKE_LINE = /^[0-9a-f]{16} \{/;

const checksum = (text: string): string => sha256Hex(text).slice(0, CHECKSUM_CHARS);

export const framed = (text: string): string => `${checksum(text)} ${text}\n`;

/** What stands between two line feeds: the text of a sound line, or null for anything else. */
export interface Piece {
  readonly text: string | null;
  /** Whether it begins as a line does, sound or not. */
  readonly beginsLine: boolean;
}

export interface Pieces {
  readonly pieces: readonly Piece[];
  /** What stands behind the last line feed: what a crash cut short. */
  readonly torn: string;
}

export function piecesOf(bytes: Buffer): Pieces {
  const pieces: Piece[] = [];
  let from = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
    const line = bytes.toString('utf8', from, end);
    const text = line.slice(CHECKSUM_CHARS + 1);
    const isSound = line === framed(text).slice(0, -1);
    pieces.push({ text: isSound ? text : null, beginsLine: LOOKS_LIKE_LINE.test(line) });
    from = end + 1;
  }
  return { pieces, torn: bytes.toString('latin1', from) };
}

type ChangeJson = readonly [string, string | null];
interface BlockJson {
  readonly header: Header;
  readonly hash: string;
  readonly extrinsics: readonly string[];
}

const changesJson = (changes: readonly Change[]): ChangeJson[] =>
  changes.map(([key, value]) => [key, value && toHex(value)]);
const parseChanges = (changes: readonly ChangeJson[]): Change[] =>
  changes.map(([key, value]) => [key, value === null ? null : fromHex(value)]);
const blockJson = ({ hash, header, extrinsics }: Block): BlockJson => ({
  hash,
  header,
  extrinsics: extrinsics.map(toHex),
});
const parseBlock = ({ hash, header, extrinsics }: BlockJson): Block => ({
  hash,
  header,
  extrinsics: extrinsics.map(fromHex),
});

export const recordText = ({ block, changes, blockMs }: BlockRecord): string =>
  JSON.stringify({ block: blockJson(block), changes: changesJson(changes), blockMs });

export const snapshotText = ({ block, genesisHash, state, hashes, blockMs }: Snapshot): string =>
  JSON.stringify({ block: blockJson(block), genesisHash, state: changesJson(state), hashes, blockMs });

export type ParsedLine =
  | { readonly kind: 'record'; readonly text: string; readonly record: BlockRecord }
  | { readonly kind: 'snapshot'; readonly text: string; readonly snapshot: Snapshot };

/** The text of a sound line: its checksum vouches for its shape. */
export function parseLine(text: string): ParsedLine {
  const { block, changes, genesisHash, state, hashes, blockMs = null } = JSON.parse(text);
  if (state === undefined)
    return {
      kind: 'record',
      text,
      record: { block: parseBlock(block), changes: parseChanges(changes), blockMs },
    };
  return {
    kind: 'snapshot',
    text,
    snapshot: { block: parseBlock(block), genesisHash, state: parseChanges(state), hashes, blockMs },
  };
}
