import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cryptoWaitReady, sr25519Verify } from '@polkadot/util-crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accountText, newPhrase } from '../../../src-main/vault/account-text.ts';
import { plainColdkey } from '../../../src-main/vault/plain-coldkey.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { hex, type Ss58 } from '../../../src-shared/units.ts';

const call = new Uint8Array([5, 3, 1, 2, 3]);
const genesis = 'ab'.repeat(32);
const tail = Uint8Array.from(Buffer.from(`000400${'01'.repeat(8)}${genesis}${'cd'.repeat(32)}00`, 'hex'));
const payload = new Uint8Array([...call, ...tail]);
const approval = () => ({ call, genesisHash: hex(genesis) });

let path = '';
let address: Ss58;
beforeAll(() => cryptoWaitReady());
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-plain-coldkey-'));
  path = join(folder, 'coldkey.json');
  const account = accountText(newPhrase(12));
  address = account.address;
  await writeFile(path, account.secret);
  return () => rm(folder, { recursive: true });
});

describe('a coldkey that lies open', () => {
  it('signs the very call that was approved, once', async () => {
    const key = plainColdkey({ path, address });
    const given = approval();
    const signature = await key.sign(payload, given);
    expect(sr25519Verify(payload, signature, publicKeyOf(address) ?? '')).toBe(true);
    await expect(key.sign(payload, given)).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
    await expect(key.sign(payload, approval())).resolves.toHaveLength(64);
  });

  it.each<[string, Uint8Array]>([
    ['another call', payload.map((byte, at) => (at === 4 ? 9 : byte))],
    ['another chain', payload.map((byte, at) => (at === call.length + 12 ? 0 : byte))],
    ['much behind it', new Uint8Array([...payload, ...new Uint8Array(300)])],
  ])('signs no payload with %s', async (_what, other) => {
    await expect(plainColdkey({ path, address }).sign(other, approval())).rejects.toMatchObject({
      code: 'KEY_USE_REFUSED',
    });
  });

  it('is not another account’s: a file that was replaced signs nothing', async () => {
    await writeFile(path, accountText(newPhrase(12)).secret);
    await expect(plainColdkey({ path, address }).sign(payload, approval())).rejects.toMatchObject({
      code: 'KEY_FILE_CONTRADICTS',
    });
  });

  it('is told as absent where its file is gone', async () => {
    await rm(path);
    await expect(plainColdkey({ path, address }).sign(payload, approval())).rejects.toMatchObject({
      code: 'KEY_FILE_ABSENT',
    });
  });
});
