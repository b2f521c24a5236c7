import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePeerKey } from '../../../src-main/vault/peer-key.ts';

describe('the peer key of a run', () => {
  let dataDir: string;
  let path: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'butterfly-peer-'));
    path = join(dataDir, 'vault', 'peer.json');
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('is made once, in the data folder of the run', async () => {
    const { publicKey } = await ensurePeerKey(dataDir);
    expect((await ensurePeerKey(dataDir)).publicKey).toBe(publicKey);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ publicKey });
  });

  it.skipIf(process.platform === 'win32')('lies there for its owner alone', async () => {
    await ensurePeerKey(dataDir);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'vault'))).mode & 0o777).toBe(0o700);
  });

  it('stops a start whose file is spoilt, and leaves it', async () => {
    await ensurePeerKey(dataDir);
    await writeFile(path, '{"kind":"ed25519"}');
    await expect(ensurePeerKey(dataDir)).rejects.toMatchObject({
      code: 'KEY_FILE_CORRUPT',
      params: { path },
    });
    expect(await readFile(path, 'utf8')).toBe('{"kind":"ed25519"}');
  });

  it('has a seed that belongs to the public key', async () => {
    const { seed, publicKey } = await ensurePeerKey(dataDir);
    const key = createPrivateKey({
      key: {
        kty: 'OKP',
        crv: 'Ed25519',
        d: Buffer.from(seed).toString('base64url'),
        x: Buffer.from(publicKey, 'hex').toString('base64url'),
      },
      format: 'jwk',
    });
    const message = Buffer.from('hello');
    const raw = createPublicKey(key).export({ format: 'jwk' }).x ?? '';
    expect(Buffer.from(raw, 'base64url').toString('hex')).toBe(publicKey);
    expect(nodeVerify(null, message, createPublicKey(key), nodeSign(null, message, key))).toBe(true);
  });
});
