import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { ed25519FromSeed } from '../../src-node/ed25519.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { createSecretFile, readSecretFile } from './secret-file.ts';

/** The Ed25519 key of a run's libp2p identity. The seed is for the swarm child alone. */
export class PeerKey {
  readonly publicKey: Hex;
  // Private and behind a getter of the class: it shows in no inspection, no JSON and no copy by spread.
  readonly #seed: Uint8Array;

  constructor(seed: Uint8Array) {
    this.#seed = seed;
    this.publicKey = ed25519FromSeed(seed).publicKey;
  }

  /** 32 bytes, a copy. */
  get seed(): Uint8Array {
    return this.#seed.slice();
  }
}

const fileSchema = v.object({
  kind: v.literal('ed25519'),
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/**
 * The peer key of the run in this data folder, made at its first start. It lies there and not beside the hotkey: a
 * wallet's folder may be read-only, and one that is copied to another machine must speak as another peer there, or
 * nobody could see that its hotkey is live twice.
 * @throws {AppError} KEY_FILE_CORRUPT; the file stays as it is
 */
export async function ensurePeerKey(dataDir: string): Promise<PeerKey> {
  const path = join(dataDir, 'vault', 'peer.json');
  const text = (await readSecretFile(path)) ?? (await create(path));
  try {
    const file = v.parse(fileSchema, JSON.parse(text));
    const key = new PeerKey(new Uint8Array(Buffer.from(file.seed, 'hex')));
    if (key.publicKey === file.publicKey) return key;
  } catch {}
  throw new AppError('KEY_FILE_CORRUPT', { path });
}

async function create(path: string): Promise<string> {
  const seed = new Uint8Array(randomBytes(32));
  const file = {
    kind: 'ed25519',
    seed: Buffer.from(seed).toString('hex'),
    publicKey: ed25519FromSeed(seed).publicKey,
  };
  const text = `${JSON.stringify(file)}\n`;
  if (await createSecretFile(path, text)) return text;
  return (await readSecretFile(path)) ?? '';
}
