import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../../../src-node/sha256.ts';
import { MANIFEST, type Manifest, writeManifest } from '../../../../src-shared/published/manifest.ts';
import { hex, type Ss58 } from '../../../../src-shared/units.ts';

export interface MadeState {
  readonly folder: string;
  readonly tag: string;
  readonly manifest: Manifest;
  readonly files: Readonly<Record<string, Buffer>>;
}

/** A folder to publish, as the host makes them, of random bytes: a configuration and weights of that size. */
export async function madeState(
  folder: string,
  tag: string,
  weightsBytes = 300_000,
  changes: Partial<Manifest> = {},
): Promise<MadeState> {
  const files = {
    'config.json': Buffer.from(JSON.stringify({ tag })),
    'model.safetensors': randomBytes(weightsBytes),
  };
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const manifest: Manifest = {
    format: 1,
    kind: 'state',
    tag,
    run: { name: 'test', profileHash: hex('ab'.repeat(32)) },
    round: 4,
    baseDigest: hex('cd'.repeat(32)),
    hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58,
    appVersion: '0.0.0',
    trainedOn: { text: 'a test', licence: 'CC0-1.0', attribution: 'nobody' },
    files: Object.entries(files).map(([name, bytes]) => ({
      name,
      sizeBytes: bytes.length,
      sha256: sha256Hex(bytes),
    })),
    signature: '00'.repeat(64),
    ...changes,
  };
  await writeFile(join(folder, MANIFEST), writeManifest(manifest));
  return { folder, tag, manifest, files };
}
