import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src-node/sha256.ts';
import { auditedChunks } from '../../../src-shared/audit/draw.ts';
import { AUDIT_CHUNKS } from '../../../src-shared/audit/limits.ts';
import { upholdFault } from '../../../src-shared/audit/uphold.ts';
import { auditChunk } from '../../../src-shared/audit/verdict.ts';
import type { CodecId } from '../../../src-shared/codec/table.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';
import { doorOf, inputsOf, oneBit, signedLeaf, testRound } from './audited.ts';

const tier = fc.constantFrom<CodecId>('f32', 'fp16', 'int8', 'int4', 'sparse');
const ALL = [0, 1, 2, 3];
const round = testRound(5, ['fp16', 'int8', 'int4', 'sparse']);

describe('audit of a chunk', () => {
  it('accuses nobody who summed honestly, whatever the codecs, weights, clips and contributors', () => {
    // Every run looks at 13 chunks: 10,400 in the long one.
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(tier, { minLength: 3, maxLength: 6 }),
        fc.constantFrom('fp16' as const, 'int8' as const),
        fc.nat(),
        (seed, tiers, result, drop) => {
          const made = testRound(seed, tiers, { result });
          const all = tiers.map((_, i) => i);
          const who = all.length > 3 ? all.filter((i) => i !== drop % all.length) : all;
          for (let chunk = 0; chunk < made.grid.chunks; chunk++) {
            const leaf = signedLeaf(made, chunk, 0, who);
            // Fetched in any order, the verdict is the same.
            const inputs = inputsOf(made, chunk, who.toReversed());
            expect(auditChunk(made, chunk, leaf, inputs, sha256)).toEqual({ kind: 'fine' });
          }
        },
      ),
      { numRuns: runs(8, 800) },
    );
  });

  it('shows a result that is off by one bit to everybody who has roster and keys', () => {
    const leaf = signedLeaf(round, 3, 1, ALL, oneBit);
    const verdict = auditChunk(round, 3, leaf, inputsOf(round, 3, ALL), sha256);
    expect(verdict.kind).toBe('wrong');
    if (verdict.kind === 'wrong') expect(upholdFault(verdict.proof, round, doorOf(round))).toBeNull();
  });

  it('shows a reducer that names somebody as a contributor and leaves it out of the sum', () => {
    const partial = signedLeaf(round, 3, 1, [0, 1, 2]);
    const leaf = signedLeaf(round, 3, 1, ALL, () => Uint8Array.of());
    const verdict = auditChunk(
      round,
      3,
      { ...leaf, digest: partial.digest },
      inputsOf(round, 3, ALL),
      sha256,
    );
    expect(verdict.kind).toBe('wrong');
  });

  it('names nobody provably where an input cannot be had', () => {
    const leaf = signedLeaf(round, 3, 1, ALL, oneBit);
    const verdict = auditChunk(round, 3, leaf, inputsOf(round, 3, [0, 1, 3]), sha256);
    expect(verdict).toEqual({ kind: 'not-audited', missing: [2], foreign: [] });
  });

  it('says who gave something else than it had committed to, and blames the reducer for nothing', () => {
    const leaf = signedLeaf(round, 3, 1, ALL, oneBit);
    const inputs = inputsOf(round, 3, ALL);
    const [first, second] = [inputs.get(0)!, inputs.get(1)!];
    inputs.set(0, { ...first, bytes: oneBit(first.bytes) });
    inputs.set(1, { ...second, path: second.path.slice(1) });
    const verdict = auditChunk(round, 3, leaf, inputs, sha256);
    expect(verdict).toEqual({ kind: 'not-audited', missing: [], foreign: [0, 1] });
  });
});

describe('the draw of chunks', () => {
  const at = (block: number) => ({
    blockHash: hex(block.toString(16).padStart(64, '0')),
    rosterDigest: hex('ab'.repeat(32)),
    auditor: ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'),
  });
  const chunks = Array.from({ length: 1_900 }, (_, i) => i);

  it('takes so many different chunks, the same for everybody, others with another block or auditor', () => {
    const drawn = auditedChunks(at(1), chunks, AUDIT_CHUNKS, sha256);
    expect(new Set(drawn).size).toBe(AUDIT_CHUNKS);
    expect(auditedChunks(at(1), chunks, AUDIT_CHUNKS, sha256)).toEqual(drawn);
    expect(auditedChunks(at(2), chunks, AUDIT_CHUNKS, sha256)).not.toEqual(drawn);
    const auditor = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
    expect(auditedChunks({ ...at(1), auditor }, chunks, AUDIT_CHUNKS, sha256)).not.toEqual(drawn);
  });

  it('takes all where there are fewer', () => {
    expect(auditedChunks(at(1), [4, 7, 9], AUDIT_CHUNKS, sha256).sort()).toEqual([4, 7, 9]);
    expect(auditedChunks(at(1), [], AUDIT_CHUNKS, sha256)).toEqual([]);
  });

  it('finds who alters a share of its chunks as often as the rule predicts', () => {
    const rounds = runs(2_000, 20_000);
    for (const share of [0.02, 0.05, 0.1, 0.2]) {
      const isAltered = (chunk: number) => chunk % 100 < 100 * share;
      let found = 0;
      for (let block = 0; block < rounds; block++)
        if (auditedChunks(at(block), chunks, AUDIT_CHUNKS, sha256).some(isAltered)) found++;
      // The blocks are fixed, so this is one number; four standard errors beside the formula at most.
      const predicted = 1 - (1 - share) ** AUDIT_CHUNKS;
      const error = Math.sqrt((predicted * (1 - predicted)) / rounds);
      expect(Math.abs(found / rounds - predicted)).toBeLessThan(4 * error + 0.002);
    }
  });
});
