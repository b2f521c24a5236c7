import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openVault } from '../../../src-main/vault/vault.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import {
  formatTag,
  MANIFEST,
  type Manifest,
  type StoredFile,
  type UnsignedManifest,
  writeManifest,
} from '../../../src-shared/published/manifest.ts';
import { exportState } from '../../../src-worker/train/interchange/state-folder.ts';
import { smallConsensus, standingState } from '../../src-worker/train/interchange/published-rig.ts';

/** Small, and it speaks the practice's tokens. */
export const speaking: Consensus = {
  ...smallConsensus,
  model: { ...smallConsensus.model, layers: 1, vocab: 4_096, context: 64 },
};

export interface PublishedModelOptions {
  readonly round?: number;
  readonly measured?: UnsignedManifest['measured'];
}

/** A whole state as a publisher puts it into a store, each file real, signed by a hotkey of its own. */
export async function publishedModel(
  store: string,
  home: string,
  { round = 0, measured }: PublishedModelOptions = {},
): Promise<{ readonly folder: string; readonly manifest: Manifest }> {
  const vault = openVault({ dir: join(home, 'keys') });
  const hotkey = await vault.ensureHotkey('default');
  const tag = formatTag({ run: 1, outerStep: round + 1, innerStep: 5 });
  const folder = join(store, tag);
  await mkdir(folder, { recursive: true });
  const { stateDir } = await standingState(join(home, `state-${round}`), hotkey, speaking);
  const asked = { stateDir, profileHash: profileHash(speaking), hotkey, consensus: speaking, into: folder };
  const { signal } = new AbortController();
  const { files, baseDigest } = await exportState(asked, { signal, seen: () => undefined });
  const profile = JSON.stringify({ consensus: speaking });
  await writeFile(join(folder, 'profile.json'), profile);
  const own: StoredFile = {
    ...{ name: 'profile.json', sizeBytes: Buffer.byteLength(profile), sha256: sha256Hex(profile) },
  };
  const manifest = vault.signManifest('default', {
    ...({ format: 1, kind: 'state', tag, round, baseDigest, appVersion: '0.0.0' } as const),
    run: { name: 'a test', profileHash: profileHash(speaking) },
    trainedOn: { text: 'a test', licence: 'CC0-1.0', attribution: 'nobody' },
    ...(measured && { measured }),
    files: [...files, own],
  });
  await writeFile(join(folder, MANIFEST), writeManifest(manifest));
  return { folder, manifest };
}
