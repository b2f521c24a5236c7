import { crc32, deflateRawSync } from 'node:zlib';

/** One file of an archive. */
export interface ZipEntry {
  /** With forward slashes, relative. */
  readonly name: string;
  readonly content: string;
}

/** Names are UTF-8 (general purpose bit 11); content is deflated. */
const FLAGS = 0x0800;
const DEFLATED = 8;
const VERSION = 20;
/** A date that says nothing: 1 January 1980, the oldest that the format has. */
const NO_DATE = 0x0021;

/** A ZIP archive (APPNOTE 6.3, without ZIP64) of some small files, in their order. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const raw = Buffer.from(content);
    const packed = deflateRawSync(raw);
    const title = Buffer.from(name);
    const facts = factsOf(crc32(raw), packed.length, raw.length, title.length);
    const local = Buffer.concat([uint(4, 0x04034b50), uint(2, VERSION), facts, title, packed]);
    directory.push(
      Buffer.concat([
        ...[uint(4, 0x02014b50), uint(2, VERSION), uint(2, VERSION), facts],
        // No comment, first disk, no attributes.
        ...[uint(2, 0), uint(2, 0), uint(2, 0), uint(4, 0), uint(4, offset), title],
      ]),
    );
    files.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const counts = [uint(2, entries.length), uint(2, entries.length)];
  const end = [
    uint(4, 0x06054b50),
    uint(2, 0),
    uint(2, 0),
    ...counts,
    uint(4, index.length),
    uint(4, offset),
    uint(2, 0),
  ];
  return Buffer.concat([...files, index, ...end]);
}

/** What both headers of a file have in common, from its flags to the length of its extra field. */
const factsOf = (crc: number, packed: number, raw: number, name: number): Buffer =>
  Buffer.concat([
    ...[uint(2, FLAGS), uint(2, DEFLATED), uint(2, 0), uint(2, NO_DATE)],
    ...[uint(4, crc), uint(4, packed), uint(4, raw), uint(2, name), uint(2, 0)],
  ]);

function uint(bytes: 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}
