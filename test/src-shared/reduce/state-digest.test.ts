import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../src-node/sha256.ts';
import { digestOfLeaves, HalvesDigests, StateDigest } from '../../../src-shared/reduce/state-digest.ts';

test('a state digested in two halves side by side has the digest and the leaves of the whole', () => {
  const shape = fc.record({
    elements: fc.integer({ min: 1, max: 90 }),
    pieceBytes: fc.constantFrom(1, 3, 16, 64, 256, 1024),
    cuts: fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(shape, ({ elements, pieceBytes, cuts }) => {
      const state = Uint8Array.from({ length: 8 * elements }, (_, i) => (i * 31) % 251);
      const whole = new StateDigest(pieceBytes, sha256);
      whole.update(state);
      const halves = new HalvesDigests({ elements, pieceBytes }, sha256);
      const [base, momentum] = [state.subarray(0, 4 * elements), state.subarray(4 * elements)];
      for (let at = 0, cut = 0; at < base.length; at += cuts[cut++ % cuts.length]!) {
        const to = at + cuts[cut % cuts.length]!;
        halves.update({ base: base.subarray(at, to), momentum: momentum.subarray(at, to) });
      }
      expect(digestOfLeaves(halves.finish(), sha256)).toEqual(whole.finish());
    }),
  );
});
