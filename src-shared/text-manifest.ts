/**
 * What all members of a run must share about its training text, as one digest. It is part of the seed of every draw, so
 * that other text means other pages.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from './units.ts';

/** A Parquet file of a data set on the Hub. */
export interface Shard {
  readonly path: string;
  readonly sizeBytes: number;
}

/** A file that each member has a copy of; `name` is its path below the folder, with slashes on every system. */
export interface TextFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Hex;
}

/**
 * SHA-256 over the lines `butterfly/hub`, id, commit, number of shards, and `SIZE PATH` of each shard in the order
 * given, joined by line feeds.
 */
export const hubManifest = (of: {
  readonly id: string;
  readonly commit: string;
  readonly shards: readonly Shard[];
}): Hex =>
  digestOf([
    'butterfly/hub',
    of.id,
    of.commit,
    of.shards.length,
    ...of.shards.map(({ path, sizeBytes }) => `${sizeBytes} ${path}`),
  ]);

/** The same over `butterfly/files`, number of files, and `SHA-256 SIZE NAME` of each file in the order given. */
export const filesManifest = (files: readonly TextFile[]): Hex =>
  digestOf([
    'butterfly/files',
    files.length,
    ...files.map(({ name, sizeBytes, sha256 }) => `${sha256} ${sizeBytes} ${name}`),
  ]);

/** The order of shards and files: by the code units of their names, as every system sorts them alike. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const digestOf = (lines: readonly (string | number)[]): Hex =>
  hex(bytesToHex(sha256(utf8ToBytes(lines.join('\n')))));
