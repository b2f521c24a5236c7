import { parameterCount } from '../model/layout.ts';
import type { Consensus } from '../profile/schema.ts';
import { chunkGrid } from '../reduce/chunks.ts';
import { ChunkCoder } from './chunk-coder.ts';
import type { CodecId } from './table.ts';

/** Bytes of a whole contribution in each of the profile's tiers. */
export function tierBytesOf(consensus: Consensus): ReadonlyMap<CodecId, number> {
  const { model, codec } = consensus;
  const coder = new ChunkCoder(chunkGrid(parameterCount(model), codec.chunkElements), consensus);
  return new Map(codec.tiers.map((tier) => [tier, coder.offsets(tier).at(-1)!]));
}
