/** A square picture in PNG, and how many pixels wide it is. */
export interface Picture {
  readonly pixels: number;
  readonly png: Uint8Array;
}

const ICO_HEADER = 6;
const ICO_ENTRY = 16;

/**
 * Windows' icon file: a directory of pictures, each kept as PNG, which Windows reads at every size since Vista.
 * @throws RangeError for a picture wider than the 256 pixels that a directory entry can name
 */
export function icoFile(pictures: readonly Picture[]): Buffer {
  const directory = Buffer.alloc(ICO_HEADER + ICO_ENTRY * pictures.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(pictures.length, 4);
  let at = directory.length;
  for (const [index, { pixels, png }] of pictures.entries()) {
    if (pixels > 256) throw new RangeError(`an icon of ${pixels} pixels has no place in an ICO file`);
    const entry = ICO_HEADER + ICO_ENTRY * index;
    // 256 is written as 0: the field is one byte.
    directory.writeUInt8(pixels % 256, entry);
    directory.writeUInt8(pixels % 256, entry + 1);
    directory.writeUInt16LE(1, entry + 4);
    directory.writeUInt16LE(32, entry + 6);
    directory.writeUInt32LE(png.length, entry + 8);
    directory.writeUInt32LE(at, entry + 12);
    at += png.length;
  }
  return Buffer.concat([directory, ...pictures.map(({ png }) => png)]);
}

/** Apple's names for PNG pictures by their width; those of half the points at twice the density carry the same pixels. */
const ICNS_TYPES: Readonly<Record<number, readonly string[]>> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['icp6', 'ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};
const ICNS_HEADER = 8;

/** macOS' icon file. @throws RangeError for a width that macOS has no name for */
export function icnsFile(pictures: readonly Picture[]): Buffer {
  const chunks = pictures.flatMap(({ pixels, png }) => {
    const types = ICNS_TYPES[pixels];
    if (!types) throw new RangeError(`macOS has no icon of ${pixels} pixels`);
    return types.map((type) => chunk(type, png));
  });
  return chunk('icns', Buffer.concat(chunks));
}

/** Four letters, the length of the whole, and what it holds. */
function chunk(type: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(ICNS_HEADER);
  header.write(type, 'latin1');
  header.writeUInt32BE(ICNS_HEADER + content.length, 4);
  return Buffer.concat([header, content]);
}
