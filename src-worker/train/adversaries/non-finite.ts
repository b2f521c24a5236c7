import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import { rootOfHexLeaves } from '../../../src-shared/reduce/merkle.ts';
import { contributionManifestSchema, spoolFiles, spoolFolder } from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';

/** In fp16 this is no number, and no codec takes it for a chunk of its own. */
const NOT_A_NUMBER = 0xff;

/**
 * Writes values that are no numbers over a contribution that lies complete in the spool, with a manifest that fits.
 * @returns the root of what lies there now
 */
export async function spoilOffer(spoolDir: string, round: number): Promise<Hex> {
  const folder = join(spoolDir, spoolFolder(round));
  const path = join(folder, spoolFiles.contributionManifest);
  const manifest = v.parse(contributionManifestSchema, JSON.parse(await readFile(path, 'utf8')));
  const bytes = (await readFile(join(folder, spoolFiles.contribution))).fill(NOT_A_NUMBER);
  const leaves = manifest.leaves.map((_leaf, chunk) =>
    sha256Hex(bytes.subarray(manifest.offsets?.[chunk], manifest.offsets?.[chunk + 1])),
  );
  const root = rootOfHexLeaves(leaves, sha256);
  await writeFile(join(folder, spoolFiles.contribution), bytes);
  await writeFile(path, JSON.stringify({ ...manifest, root, leaves }));
  return root;
}
