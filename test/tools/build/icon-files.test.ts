import { describe, expect, it } from 'vitest';
import { icnsFile, icoFile, type Picture } from '../../../tools/build/icon-files.ts';

const picture = (pixels: number): Picture => ({ pixels, png: Buffer.from(`picture of ${pixels}`) });

/** Windows' icon file read as its readers do: by the directory, whatever the order of the pictures. */
function readIco(file: Buffer): Picture[] {
  expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
  return Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
    const entry = 6 + 16 * index;
    const from = file.readUInt32LE(entry + 12);
    expect(file.readUInt8(entry)).toBe(file.readUInt8(entry + 1));
    expect([file.readUInt16LE(entry + 4), file.readUInt16LE(entry + 6)]).toEqual([1, 32]);
    return {
      pixels: file.readUInt8(entry) || 256,
      png: file.subarray(from, from + file.readUInt32LE(entry + 8)),
    };
  });
}

function readIcns(file: Buffer): [string, string][] {
  expect([file.toString('latin1', 0, 4), file.readUInt32BE(4)]).toEqual(['icns', file.length]);
  const found: [string, string][] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4))
    found.push([
      file.toString('latin1', at, at + 4),
      file.toString('utf8', at + 8, at + file.readUInt32BE(at + 4)),
    ]);
  return found;
}

describe('icon files', () => {
  it('an ICO holds each picture at its width', () => {
    const pictures = [16, 48, 256].map(picture);
    expect(readIco(icoFile(pictures))).toEqual(pictures);
    expect(() => icoFile([picture(257)])).toThrow(RangeError);
  });

  it('an ICNS holds each picture under every name that macOS has for its width', () => {
    expect(readIcns(icnsFile([16, 256, 1024].map(picture)))).toEqual([
      ['icp4', 'picture of 16'],
      ['ic08', 'picture of 256'],
      ['ic13', 'picture of 256'],
      ['ic10', 'picture of 1024'],
    ]);
    expect(() => icnsFile([picture(48)])).toThrow(RangeError);
  });
});
