import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../../../src-worker/publish/limits.ts';
import { FileSlice } from '../../../../src-worker/publish/stores/file-slice.ts';

const content = randomBytes(2 * CHUNK_BYTES + 777);
let home: string;
let path: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'slice-'));
  path = join(home, 'file.bin');
  await writeFile(path, content);
});
afterAll(() => rm(home, { recursive: true }));

async function read(blob: Blob): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of blob.stream()) parts.push(part);
  return Buffer.concat(parts);
}

describe('a slice of a file', () => {
  it('is a Blob with the bytes of the file, portion by portion', async () => {
    const blob = await FileSlice.open(path);
    expect(blob).toBeInstanceOf(Blob);
    expect(blob.size).toBe(content.length);
    expect((await read(blob)).equals(content)).toBe(true);
    expect(Buffer.from(await blob.arrayBuffer()).equals(content)).toBe(true);
  });

  it.each([
    [0, 10],
    [CHUNK_BYTES - 3, CHUNK_BYTES + 5],
    [content.length - 4, content.length + 100],
    [7, 7],
  ])('may begin and end anywhere: %i to %i', async (begin, end) => {
    const blob = (await FileSlice.open(path)).slice(begin, end);
    const expected = content.subarray(begin, end);
    expect(blob.size).toBe(expected.length);
    expect((await read(blob)).equals(expected)).toBe(true);
    expect((await read(blob.slice(1))).equals(expected.subarray(1))).toBe(true);
  });

  it('ends with an error where the file has become shorter', async () => {
    const other = join(home, 'other.bin');
    await writeFile(other, content);
    const blob = await FileSlice.open(other);
    await truncate(other, CHUNK_BYTES);
    await expect(read(blob)).rejects.toThrow('shorter');
  });
});
