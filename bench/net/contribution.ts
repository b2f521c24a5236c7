import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, sha256Hex } from '../../src-node/sha256.ts';
import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import type { CodecId } from '../../src-shared/codec/table.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { chunkGrid, chunkLength } from '../../src-shared/reduce/chunks.ts';
import { rootOfHexLeaves } from '../../src-shared/reduce/merkle.ts';
import { sumOfSquares } from '../../src-shared/reduce/norms.ts';
import { type ContributionManifest, spoolFiles } from '../../src-shared/spool.ts';
import type { Hex } from '../../src-shared/units.ts';

/** What a member declares of its contribution. */
export interface Contributed {
  readonly root: Hex;
  readonly norm: number;
  readonly codec: CodecId;
}

/**
 * Writes reproducible values of the size of pseudo-gradients into a folder of the spool, chunk by chunk.
 * @param of.number another member's are others
 */
export async function contribute(
  folder: string,
  at: {
    readonly round: number;
    readonly number: number;
    readonly profile: Profile;
    readonly codec: CodecId;
  },
): Promise<Contributed> {
  const { round, codec: tier } = at;
  const { consensus } = at.profile;
  const grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
  const coder = new ChunkCoder(grid, consensus);
  const draw = drawing(at.number);
  const leaves: Hex[] = [];
  let squares = 0;
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, spoolFiles.contribution), 'w');
  for (let chunk = 0; chunk < grid.chunks; chunk++) {
    const values = new Float32Array(chunkLength(grid, chunk));
    for (let i = 0; i < values.length; i++) values[i] = draw();
    const encoded = coder.encode(tier, chunk, values);
    squares += sumOfSquares(coder.decode(tier, chunk, encoded)!);
    leaves.push(sha256Hex(encoded));
    await file.write(encoded);
  }
  // What still waits for the disk would hold up the exchange.
  await file.sync();
  await file.close();
  const [root, norm] = [rootOfHexLeaves(leaves, sha256), Math.sqrt(squares)];
  const manifest: ContributionManifest = {
    ...{ round, codec: tier, root, leaves, norm, offsets: [...coder.offsets(tier)] },
    ...{ elements: grid.elements, chunkElements: grid.chunkElements },
  };
  await writeFile(join(folder, spoolFiles.contributionManifest), JSON.stringify(manifest));
  return { root, norm, codec: tier };
}

function drawing(number: number): () => number {
  let state = Math.imul(number + 1, 0x9e3779b1);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state * 2 ** -38;
  };
}
