import { createHash } from 'node:crypto';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  merkleLevels,
  merklePath,
  merkleRoot,
  type Sha256,
  verifyMerklePath,
} from '../../../src-shared/reduce/merkle.ts';
import { pieceCount, pieceLength, StateDigest } from '../../../src-shared/reduce/state-digest.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(50, 500);
const native: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const leavesOf = (count: number) => Array.from({ length: count }, (_, i) => native(Uint8Array.of(i, i >> 8)));

describe('Merkle tree', () => {
  it('has the same root with native and JavaScript hashing', () => {
    const leaves = leavesOf(13);
    expect(Buffer.from(merkleRoot(leaves, nobleSha256))).toEqual(Buffer.from(merkleRoot(leaves, native)));
  });

  it('proves every leaf of every size', () => {
    for (let count = 1; count <= 33; count++) {
      const leaves = leavesOf(count);
      const tree = merkleLevels(leaves, native);
      const proven = leaves.map((leaf, index) =>
        verifyMerklePath({ leaf, index, count, path: merklePath(tree, index), root: tree.root }, native),
      );
      expect(proven.every(Boolean)).toBe(true);
    }
  });

  it('refuses a path with any one thing changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (count, at, flip) => {
        const leaves = leavesOf(count);
        const tree = merkleLevels(leaves, native);
        const index = at % count;
        const path = merklePath(tree, index);
        const proof = { leaf: leaves[index]!, index, count, path, root: tree.root };
        const turned = (bytes: Uint8Array) => bytes.map((b, i) => (i === flip % 32 ? b ^ 1 : b));
        const broken = path.map((node, i) => (i === flip % path.length ? turned(node) : node));
        const faults = [
          { ...proof, leaf: turned(proof.leaf) },
          { ...proof, root: turned(proof.root) },
          { ...proof, path: broken },
          { ...proof, path: path.slice(1) },
          { ...proof, path: [...path, tree.root] },
          { ...proof, index: (index + 1) % count },
          { ...proof, count: count + 1 },
        ];
        return faults.every((fault) => !verifyMerklePath(fault, native));
      }),
      { numRuns },
    );
  });

  it('does not take an inner node for a leaf', () => {
    const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
    const inner = merkleLevels([a, b], native).levels[1]![0]!;
    expect(merkleRoot([inner], native)).not.toEqual(merkleRoot([a, b], native));
  });
});

describe('state digest', () => {
  it('does not depend on how the state arrives', () => {
    const state = Uint8Array.from({ length: 1_000 }, (_, i) => i * 7);
    const whole = new StateDigest(64, native);
    whole.update(state);
    const expected = whole.finish();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sizes) => {
        const parts = new StateDigest(64, native);
        let at = 0;
        for (let i = 0; at < state.length; i++) {
          const size = sizes[i % sizes.length]!;
          parts.update(state.subarray(at, at + size));
          at += size;
        }
        return parts.finish().digest === expected.digest;
      }),
      { numRuns },
    );
    expect(expected.leaves).toHaveLength(pieceCount(1_000, 64));
    expect(pieceLength(1_000, 64, 15)).toBe(40);
  });

  it('is the Merkle root over the SHA-256 of the pieces', () => {
    const state = Uint8Array.from({ length: 150 }, (_, i) => i);
    const digest = new StateDigest(64, native);
    digest.update(state);
    const leaves = [state.subarray(0, 64), state.subarray(64, 128), state.subarray(128)].map(native);
    expect(digest.finish().digest).toBe(Buffer.from(merkleRoot(leaves, native)).toString('hex'));
  });
});
