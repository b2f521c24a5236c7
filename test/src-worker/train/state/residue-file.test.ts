import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { fp16 } from '../../../../src-shared/codec/fp16.ts';
import { inResidue, packResidue } from '../../../../src-worker/train/state/residue-file.ts';
import { consensus, dropRoot, newRoot, numbers } from './rig.ts';

/** What comes back of a residue, read from `offset` on. */
async function restored(values: Float32Array, offset = 0): Promise<Float32Array> {
  const root = await newRoot();
  onTestFinished(() => dropRoot(root));
  const path = join(root, 'residue');
  await writeFile(path, packResidue(values));
  const into = new Float32Array(values.length - offset);
  await inResidue(path).read(into, offset);
  return into;
}

test('a residue comes back to 16 bits, ties to even', async () => {
  const finite = fc.float({
    noNaN: true,
    noDefaultInfinity: true,
    max: Math.fround(1e38),
    min: -Math.fround(1e38),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(finite, { minLength: 1, maxLength: 40 }), async (drawn) => {
      const values = Float32Array.from(drawn);
      const back = await restored(values);
      for (const [i, value] of values.entries())
        expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(
          Math.max(2 ** -16 * Math.abs(value), 2 ** -142),
        );
    }),
    { numRuns: 40 },
  );
  const ties = Float32Array.of(1 + 2 ** -16, 1 + 3 * 2 ** -16, -(1 + 2 ** -16), 0, -0);
  expect(await restored(ties)).toEqual(Float32Array.of(1, 1 + 2 ** -14, -1, 0, -0));
});

test('what fp16 leaves of a step comes back to the last bit', async () => {
  const offered = numbers(3, 2_000).map((value) => value * 1e-3);
  const decoded = new Float64Array(offered.length);
  fp16.decode(fp16.encode(offered, consensus.codec), decoded, consensus.codec);
  const left = offered.map((value, i) => value - decoded[i]!);
  expect(left.filter((value) => value !== 0).length).toBeGreaterThan(1_900);
  expect(await restored(left)).toEqual(left);
});

test('a residue is read from any element on, and one cut short is refused', async () => {
  const values = numbers(4, 50).map((value) => Math.fround(Math.round(value * 64)));
  expect(await restored(values, 17)).toEqual(values.subarray(17));
  const root = await newRoot();
  onTestFinished(() => dropRoot(root));
  await writeFile(join(root, 'short'), packResidue(values).subarray(0, 149));
  await expect(inResidue(join(root, 'short')).read(new Float32Array(50), 0)).rejects.toMatchObject({
    code: 'STATE_FILE_MALFORMED',
  });
});

test('a residue lies on the disk as before: three bytes each, lowest first', () => {
  const expected = [
    [0, 0x80, 0x3f],
    [0, 0, 0xc0],
    [0, 0x60, 0x40],
    [0xcd, 0xcc, 0x3d],
    [0, 0xe0, 0x40],
  ];
  const bytes = [...packResidue(Float32Array.of(1, -2, 3.5, 0.1, 7))];
  expect(bytes).toEqual(expected.flat());
});
