import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../../src-node/sha256.ts';
import { StateDigest } from '../../../../src-shared/reduce/state-digest.ts';
import { HalvesHash, SealHash, StateHash } from '../../../../src-worker/train/state/hashing.ts';

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 251);

/** Cuts `whole` and overwrites each portion once it was handed over, as whoever streams does. */
async function inPortions(whole: Uint8Array, cut: number, take: (portion: Uint8Array) => Promise<void>) {
  for (let at = 0; at < whole.length; at += cut) {
    const portion = whole.slice(at, at + cut);
    const taken = take(portion);
    portion.fill(0xff);
    await taken;
  }
}

test('a state hashed beside other work has the digest of the one hashed at once, however it is cut', async () => {
  const shape = fc.record({
    elements: fc.integer({ min: 1, max: 400 }),
    pieceBytes: fc.constantFrom(1, 16, 64, 256),
    cut: fc.integer({ min: 1, max: 500 }),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ elements, pieceBytes, cut }) => {
      const state = bytes(8 * elements);
      const whole = new StateDigest(pieceBytes, sha256);
      whole.update(state);
      const { digest } = whole.finish();
      const hash = new StateHash(pieceBytes);
      await inPortions(state, cut, (portion) => hash.update(portion));
      expect(await hash.finish()).toBe(digest);
      const halves = new HalvesHash({ elements, pieceBytes });
      const momentum = state.subarray(4 * elements);
      let at = 0;
      await inPortions(state.subarray(0, 4 * elements), cut, (base) => {
        const beside = momentum.slice(at, at + base.length);
        at += base.length;
        return halves.update({ base, momentum: beside });
      });
      expect(await halves.finish()).toBe(digest);
    }),
    { numRuns: 40 },
  );
});

test('a seal hangs on every byte and not on how they came', async () => {
  const whole = bytes(9 * 2 ** 20 + 5);
  const sealOf = async (cut: number, from = whole) => {
    const seal = new SealHash();
    await inPortions(from, cut, (portion) => seal.update(portion));
    return Buffer.from(await seal.finish()).toString('hex');
  };
  const pieces = [0, 4, 8].map((mebibytes) =>
    sha256(whole.subarray(mebibytes * 2 ** 20, (mebibytes + 4) * 2 ** 20)),
  );
  const expected = Buffer.from(sha256(Buffer.concat(pieces))).toString('hex');
  expect(await sealOf(whole.length)).toBe(expected);
  expect(await sealOf(3 * 2 ** 20 + 1)).toBe(expected);
  const flipped = whole.slice();
  flipped[6 * 2 ** 20]! ^= 1;
  expect(await sealOf(whole.length, flipped)).not.toBe(expected);
});
