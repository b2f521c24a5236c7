import { type Ed25519Key, ed25519FromSeed, verifyEd25519 } from '../../../src-node/ed25519.ts';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import type { SignedLeaf } from '../../../src-shared/audit/fraud-proof.ts';
import type { AuditInput } from '../../../src-shared/audit/inputs.ts';
import { recomputeResult } from '../../../src-shared/audit/recompute.ts';
import type { ProofDoor } from '../../../src-shared/audit/uphold.ts';
import type { AuditedRound } from '../../../src-shared/audit/verdict.ts';
import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { CodecId, ResultCodecId } from '../../../src-shared/codec/table.ts';
import { withMember } from '../../../src-shared/reduce/bitmap.ts';
import { chunkGrid, chunkLength } from '../../../src-shared/reduce/chunks.ts';
import { merkleLevels, merklePath } from '../../../src-shared/reduce/merkle.ts';
import { resultStatement } from '../../../src-shared/reduce/result-statement.ts';
import { hex } from '../../../src-shared/units.ts';
import { numbers, settings } from '../codec/drawn.ts';

/** A model whose chunks are of embeddings, of matrices and of both. */
const model = { layers: 1, width: 32, heads: 2, context: 8, vocab: 16 };

export interface TestRound extends AuditedRound {
  readonly keys: readonly Ed25519Key[];
  /** What each member committed to, by member and chunk. */
  input(member: number, chunk: number): AuditInput;
}

/** A round of members with these tiers, weights above 0 and clips, all by the seed. */
export function testRound(
  seed: number,
  tiers: readonly CodecId[],
  { elements = 12_900, chunkElements = 1_024, result = 'fp16' as ResultCodecId } = {},
): TestRound {
  const grid = chunkGrid(elements, chunkElements);
  const coder = new ChunkCoder(grid, { model, codec: { ...settings, result } });
  const trees = tiers.map((tier, member) => {
    const chunks = Array.from({ length: grid.chunks }, (_, chunk) =>
      coder.encode(tier, chunk, numbers(seed + 31 * member + 1_009 * chunk, chunkLength(grid, chunk))),
    );
    return { chunks, tree: merkleLevels(chunks.map(sha256), sha256) };
  });
  return {
    grid,
    coder,
    rosterDigest: sha256Hex(`roster ${seed}`),
    keys: tiers.map((_, i) => ed25519FromSeed(new Uint8Array(32).fill(i + 1))),
    members: tiers.map((codec, i) => ({
      codec,
      weight: 1 + ((seed + 7 * i) % 127),
      clipExponent: (seed + i) % 7,
      root: hex(Buffer.from(trees[i]!.tree.root).toString('hex')),
    })),
    input: (member, chunk) => ({
      bytes: trees[member]!.chunks[chunk]!,
      path: merklePath(trees[member]!.tree, chunk),
    }),
  };
}

export const doorOf = ({ keys }: TestRound): ProofDoor => ({
  sha256,
  verify: verifyEd25519,
  keysOf: (member) => (keys[member] ? [keys[member].publicKey] : []),
});

export const inputsOf = (round: TestRound, chunk: number, who: readonly number[]) =>
  new Map(who.map((member) => [member, round.input(member, chunk)]));

/** What a reducer signs: the mean of those members, or these other values. */
export function signedLeaf(
  round: TestRound,
  chunk: number,
  signer: number,
  who: readonly number[],
  change: (values: Uint8Array) => Uint8Array = (values) => values,
): SignedLeaf {
  const bytes = new Map(who.map((member) => [member, round.input(member, chunk).bytes]));
  const digest = sha256Hex(change(recomputeResult(round, chunk, bytes)!));
  const contributors = who.reduce(withMember, 0n);
  const divisor = who.reduce((sum, member) => sum + round.members[member]!.weight, 0);
  return signAs(round, chunk, { signer, contributors, divisor, digest });
}

export const signAs = (round: TestRound, chunk: number, leaf: Omit<SignedLeaf, 'signature'>): SignedLeaf => ({
  ...leaf,
  signature: round.keys[leaf.signer]!.sign(resultStatement(round.rosterDigest, chunk, leaf)),
});

/** The smallest lie: one bit of the values. */
export const oneBit = (values: Uint8Array): Uint8Array =>
  values.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
