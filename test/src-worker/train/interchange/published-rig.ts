import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkedText, checkedValue } from '../../../../src-node/durable-json.ts';
import { sha256 } from '../../../../src-node/sha256.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../../src-shared/profile/shipped.ts';
import { StateDigest } from '../../../../src-shared/reduce/state-digest.ts';
import { type Hex, type Ss58, ss58 } from '../../../../src-shared/units.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { type Current, peekCurrent } from '../../../../src-worker/train/state/current.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { stateFolder } from '../../../../src-worker/train/state/layout.ts';
import { openReplica } from '../../../../src-worker/train/state/open.ts';
import { VectorLocal } from '../state/rig.ts';

export const OWNER = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const profile = practiceProfile({ witness: OWNER, ownerColdkey: OWNER, endpoint: '', bootstrap: [] });

/** The practice's run with a model that is written in a moment. */
export const smallConsensus = {
  ...profile.consensus,
  model: { ...profile.consensus.model, layers: 2, width: 16, heads: 2, vocab: 512, context: 32 },
};
export const ELEMENTS = parameterCount(smallConsensus.model);

/** A run's state folder as it stands after round 0: a base with momentum, under its own digest. */
export async function standingState(
  folder: string,
  hotkey: Ss58 = OWNER,
  consensus: Consensus = smallConsensus,
): Promise<{ readonly stateDir: string; readonly baseDigest: Hex; stateFile(): Promise<Buffer> }> {
  const stateDir = join(folder, 'model');
  const elements = parameterCount(consensus.model);
  await openReplica({
    ...{ stateDir, spoolDir: join(folder, 'spool'), consensus },
    ...{ profileHash: profileHash(consensus), hotkey, elements },
    initialWeights: async () => Float32Array.from({ length: elements }, (_, i) => Math.sin(i)),
    ...{ local: new VectorLocal(), disk: new Disk(), slices: new Slices() },
  });
  const { standing } = (await peekCurrent(stateFolder(stateDir)))!;
  const path = join(stateDir, standing.state);
  const bytes = await readFile(path);
  const momentum = Float32Array.from({ length: elements }, (_, i) => Math.cos(i) / 3);
  bytes.set(new Uint8Array(momentum.buffer), 4 * elements);
  await writeFile(path, bytes);
  const digest = new StateDigest(consensus.codec.pieceBytes, sha256);
  digest.update(bytes);
  const baseDigest = digest.finish().digest;
  for (const current of [stateFolder(stateDir).current, stateFolder(stateDir).currentCopy]) {
    const value = checkedValue(await readFile(current, 'utf8'))!.value as Current;
    await writeFile(current, checkedText({ ...value, standing: { ...standing, round: 0, baseDigest } }));
  }
  return { stateDir, baseDigest, stateFile: () => readFile(path) };
}
